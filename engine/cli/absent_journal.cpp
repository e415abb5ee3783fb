#include "engine/cli/absent_journal.h"

#include "engine/check.h"

namespace drydock::cli {

std::unique_ptr<journal::Claim> AbsentJournal::create(const journal::NewRun&,
                                                      const journal::Append&) {
    CHECK(!"a look ahead starts no run");
    return nullptr;
}

std::unique_ptr<journal::Claim> AbsentJournal::claim(std::int64_t) {
    CHECK(!"a look ahead claims no run");
    return nullptr;
}

void AbsentJournal::append(const journal::Claim&, const journal::Append&) {
    CHECK(!"a look ahead writes nothing");
}

void AbsentJournal::submit(const journal::Request&) { CHECK(!"a look ahead asks nothing"); }

bool AbsentJournal::withdraw(std::string_view) {
    CHECK(!"a look ahead asks nothing");
    return false;
}

void AbsentJournal::add_head(const journal::Head&) { CHECK(!"a look ahead signs nothing"); }

void AbsentJournal::erase(const journal::Removal&) { CHECK(!"a look ahead erases nothing"); }

void AbsentJournal::prune(const journal::Removal&) { CHECK(!"a look ahead prunes nothing"); }

}  // namespace drydock::cli
