// Everything that can happen to an export, over journals of all shapes: by this program's verifier
// and by the one in examples/, which has to come to the same word. How many journals:
// DRYDOCK_AUDIT_JOURNALS. Every how many-th altered byte the other one looks at:
// DRYDOCK_AUDIT_STRIDE.

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "engine/audit/verify.h"
#include "tests/audit/random_journal.h"

namespace drydock::audit {
namespace {

std::size_t setting(const char* name, std::size_t otherwise) {
    const char* given = std::getenv(name);
    return given == nullptr ? otherwise : std::stoul(given);
}

std::vector<std::string> lines_of(const std::string& bytes) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = bytes.find('\n', at) + 1;
        lines.push_back(bytes.substr(at, end - at));
        at = end;
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string bytes;
    for (const std::string& line : lines) bytes += line;
    return bytes;
}

std::string field(const std::string& line, const std::string& name) {
    const std::string key = "\\\"" + name + "\\\":";
    const std::size_t at = line.find(key) + key.size();
    return line.substr(at, line.find_first_of(",}", at) - at);
}

// One export, what was done to it, and the words for it.
class Case {
  public:
    Case(const std::string& folder, std::size_t number, std::string bytes)
        : bytes_(std::move(bytes)), lines_(lines_of(bytes_)) {
        const std::string base = folder + "/" + std::to_string(number);
        std::ofstream(base + ".jsonl", std::ios::binary) << bytes_;
        words_.open(base + ".words");
        options_.key = test::signer('k').verifier();
    }

    void untouched() { expect("whole", 0, bytes_, Verdict::Ok); }
    void bytes(std::size_t stride) {
        std::string altered = bytes_;
        for (std::size_t at = 0; at < bytes_.size(); ++at) {
            altered[at] = static_cast<char>(bytes_[at] ^ 1);
            check("byte", at, altered, Verdict::Altered, at % stride == 0);
            altered[at] = bytes_[at];
        }
    }
    void lines() {
        for (std::size_t at = 0; at < lines_.size(); ++at) {
            auto some = lines_;
            some.erase(some.begin() + static_cast<std::ptrdiff_t>(at));
            expect("remove", at, joined(some), when_removed(at));
            some = lines_;
            some.insert(some.begin() + static_cast<std::ptrdiff_t>(at), lines_[at]);
            expect("double", at, joined(some), Verdict::Altered);
            some = lines_;
            some.resize(at);
            expect("cut", at, joined(some), Verdict::Truncated);
            if (at + 1 == lines_.size()) break;
            some = lines_;
            std::swap(some[at], some[at + 1]);
            expect("swap", at, joined(some), Verdict::Altered);
        }
    }
    [[nodiscard]] std::int64_t checked() const { return checked_; }

  private:
    static bool is(const std::string& line, std::string_view kind) {
        return line.find(kind) != std::string::npos;
    }
    // What the format's description says of a line that is not there.
    Verdict when_removed(std::size_t at) const {
        if (at + 1 == lines_.size()) return Verdict::Truncated;
        const std::string& line = lines_[at];
        const std::string& next = lines_[at + 1];
        const bool of_ledger = line.starts_with("{\"ledger\"") || is(line, ",\"ledger\":\"");
        if (of_ledger && at > 0) {
            const bool last = !next.starts_with("{\"ledger\"") && !is(next, ",\"ledger\":\"");
            return last ? Verdict::Truncated : Verdict::Gap;
        }
        if (!is(line, "\"line\":\"")) return Verdict::Gap;
        const bool last_of_run =
            !is(next, "\"line\":\"") || field(next, "run") != field(line, "run");
        // The end of a run is missed where it was sealed; of a run with one event all is gone.
        if (!last_of_run || field(line, "seq") == "1") return Verdict::Gap;
        return is_sealed(line) ? Verdict::Truncated : Verdict::Gap;
    }
    bool is_sealed(const std::string& event) const {
        return std::ranges::any_of(lines_, [&](const std::string& line) {
            return is(line, "\\\"kind\\\":\\\"seal\\\"") &&
                   field(line, "run") == field(event, "run") &&
                   field(line, "seq") == field(event, "seq");
        });
    }

    void expect(const char* what, std::size_t at, const std::string& bytes, Verdict expected) {
        check(what, at, bytes, expected, true);
    }
    void check(const char* what, std::size_t at, const std::string& bytes, Verdict expected,
               bool by_both) {
        file_.put(bytes);
        const Verified verified = verify_export(file_.path(), options_);
        ++checked_;
        EXPECT_EQ(verdict_name(verified.verdict()), verdict_name(expected))
            << what << " " << at << ": "
            << (verified.ok() ? std::string("nothing") : verified.findings[0].what);
        if (by_both) words_ << what << " " << at << " " << verdict_name(expected) << "\n";
    }

    std::string bytes_;
    std::vector<std::string> lines_;
    std::ofstream words_;
    VerifyOptions options_;
    test::MemoryFile file_;
    std::int64_t checked_ = 0;
};

// The other verifier, over all that stands in the folder.
int other_verifier(const std::string& folder) {
    const std::string command = std::string("python3 -B ") + CAMPAIGN + " " + VERIFIER + " '" +
                                folder + "' '" + test::signer('k').verifier().text() + "'";
    return std::system(command.c_str());
}

TEST(Campaign, every_change_of_an_export_is_found_by_both_verifiers_with_its_word) {
    const std::size_t journals = setting("DRYDOCK_AUDIT_JOURNALS", 3);
    const std::size_t stride = setting("DRYDOCK_AUDIT_STRIDE", 7);
    const test::TemporaryFolder folder;
    std::int64_t checked = 0;
    for (std::size_t number = 1; number <= journals && !HasFailure(); ++number) {
        SCOPED_TRACE("journal " + std::to_string(number));
        test::RandomJournal journal(number);
        Case one(folder.path(), number, journal.exported());
        one.untouched();
        one.lines();
        one.bytes(stride);
        checked += one.checked();
    }
    std::printf("%zu journals, %lld changes\n", journals, static_cast<long long>(checked));
    EXPECT_EQ(other_verifier(folder.path()), 0);
}

Verdict word(const std::string& bytes, char key, const std::string& head = {}) {
    const test::MemoryFile file;
    file.put(bytes);
    VerifyOptions options{.key = test::signer(key).verifier(), .heads = {}};
    if (!head.empty()) options.heads.push_back({"kept", head});
    return verify_export(file.path(), options).verdict();
}

TEST(Campaign, journal_and_export_that_are_rolled_back_together_are_found_by_a_later_head) {
    for (std::uint64_t seed = 1; seed <= setting("DRYDOCK_AUDIT_JOURNALS", 3); ++seed) {
        test::RandomJournal journal(seed);
        const std::string earlier_head = journal.sign('k');
        const std::string earlier = journal.exported();
        journal.grow_open();
        const std::string later_head = journal.sign('k');
        EXPECT_EQ(word(earlier, 'k', later_head), Verdict::Truncated) << seed;
        EXPECT_EQ(word(earlier, 'k', earlier_head), Verdict::Ok) << seed;
        EXPECT_EQ(word(journal.exported(), 'k', earlier_head), Verdict::Ok) << seed;
    }
}

// Two journals of one name that go apart: the second is whole in itself, and signed again.
TEST(Campaign, a_fork_that_is_signed_again_is_forked_by_the_pinned_key_and_unknown_by_another) {
    for (std::uint64_t seed = 1; seed <= setting("DRYDOCK_AUDIT_JOURNALS", 3); ++seed) {
        test::RandomJournal truth(seed);
        const std::string head = truth.sign('k');
        test::RandomJournal fork(seed, 'n');
        while (fork.journal().tip()->size < truth.journal().tip()->size) fork.grow_open();
        fork.sign('k');
        EXPECT_EQ(word(fork.exported(), 'k', head), Verdict::Forked) << seed;
        test::SmallJournal other;
        other.add_ended_run('q');
        other.journal().add_head(sign_head(other.journal(), test::signer('o'), std::nullopt).head);
        EXPECT_EQ(word(other.exported(), 'o'), Verdict::Ok);
        EXPECT_EQ(word(other.exported(), 'k'), Verdict::Unknown) << seed;
    }
}

}  // namespace
}  // namespace drydock::audit
