#include "engine/audit/heads.h"

#include "engine/audit/verify.h"
#include "engine/error.h"
#include "tests/audit/random_journal.h"
#include "tests/os/seam_switch.h"

namespace drydock::audit {
namespace {

const SignerKey kKey = test::signer('k');

std::string refusal(const auto& work) {
    try {
        work();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Integrity) << error.message();
        return error.message();
    }
    return {};
}

class Heads : public testing::Test {
  protected:
    Heads() { journal.add_ended_run('a'); }
    SignedHead sign(const std::optional<SignerMemory>& memory) {
        return sign_head(journal.journal(), kKey, memory);
    }

    test::SmallJournal journal;
};

TEST_F(Heads, a_head_is_signed_over_what_the_ledger_is_now_and_verifies) {
    const SignedHead first = sign(std::nullopt);
    EXPECT_EQ(first.head.size, 2);
    journal.add_ended_run('b');
    const SignedHead second = sign(first.memory);
    EXPECT_EQ(second.head.size, 3);
    const VerifyOptions options{
        .key = kKey.verifier(),
        .heads = {{"first", first.head.note}, {"second", second.head.note}}};
    const Verified verified = verify_journal(journal.journal(), options);
    EXPECT_TRUE(verified.ok()) << verified.findings[0].what;
    EXPECT_EQ(verified.heads, 2);
}

TEST_F(Heads, nothing_new_gives_the_same_head_again) {
    const SignedHead first = sign(std::nullopt);
    EXPECT_EQ(sign(first.memory).head.note, first.head.note);
}

TEST_F(Heads, the_memory_comes_back_from_its_text_and_from_nothing_else) {
    const SignerMemory memory = sign(std::nullopt).memory;
    EXPECT_EQ(signer_memory(memory.text()).text(), memory.text());
    EXPECT_NE(refusal([] { (void)signer_memory("drydock signer 1\n"); }), "");
    std::string altered = memory.text();
    altered[altered.size() - 4] = altered[altered.size() - 4] == 'A' ? 'B' : 'A';
    EXPECT_NE(refusal([&] { (void)sign(signer_memory(altered)); }), "");
}

TEST_F(Heads, a_journal_that_was_made_anew_is_not_signed) {
    journal.add_ended_run('b');
    const SignedHead signed_before = sign(std::nullopt);
    test::SmallJournal other;  // of the same name, with as many lines and more
    for (const char name : {'a', 'c', 'd'}) other.add_ended_run(name);
    const auto sign_other = [&] { return sign_head(other.journal(), kKey, signed_before.memory); };
    EXPECT_TRUE(refusal(sign_other).starts_with("forked"));
    // Without the memory the key would sign what it never saw.
    const test::Without without(Protection::SignerMemory);
    EXPECT_EQ(sign_other().head.size, 4);
}

TEST_F(Heads, a_journal_that_was_rolled_back_is_not_signed) {
    const SignedHead first = sign(std::nullopt);
    test::SmallJournal other;
    EXPECT_TRUE(refusal([&] {
                    (void)sign_head(other.journal(), kKey, first.memory);
                }).starts_with("truncated"));
}

TEST_F(Heads, a_signer_who_lost_his_memory_does_not_begin_again) {
    journal.journal().add_head(sign(std::nullopt).head);
    EXPECT_NE(refusal([&] { (void)sign(std::nullopt); }), "");
    EXPECT_EQ(sign_head(journal.journal(), test::signer('o'), std::nullopt).head.size, 2);
}

TEST_F(Heads, a_head_in_the_log_counts_only_by_the_key_that_is_pinned) {
    journal.journal().add_head(sign(std::nullopt).head);
    const auto word = [&](std::optional<VerifierKey> key) {
        return verify_journal(journal.journal(), {.key = std::move(key), .heads = {}}).verdict();
    };
    EXPECT_EQ(word(kKey.verifier()), Verdict::Ok);
    EXPECT_EQ(word(test::signer('o').verifier()), Verdict::Unknown);
    EXPECT_EQ(word(std::nullopt), Verdict::Ok);
}

}  // namespace
}  // namespace drydock::audit
