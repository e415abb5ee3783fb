#include "engine/migrate/apply.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/migrate/history_lock.h"
#include "engine/migrate/passing.h"
#include "engine/migrate/reconcile.h"
#include "engine/migrate/run_script.h"
#include "engine/migrate/unfinished.h"

namespace drydock::migrate {
namespace {

using sql::Dialect;

class Applier {
  public:
    Applier(sql::StepSession& session, const Folder& folder, const ApplyOptions& options)
        : database_(session.database()),
          session_(session),
          folder_(folder),
          options_(options),
          tool_(tool_history(database_, folder, options.tool)),
          records_(database_, tool_->table()),
          passing_(session, *tool_, records_, state_, options_) {}

    Applied operator()(const Target& target) {
        Applied applied;
        with_history_locked(session_, *tool_, options_.lock_wait,
                            [&] { applied = go(target); });
        return applied;
    }

  private:
    Applied go(const Target& target) {
        state_ = look(records_, *tool_, folder_);
        passing_.look_again();
        Applied applied{.from = version_now(), .to = {}, .done = {}};
        refuse_lost_history(state_);
        if (options_.found) options_.found(state_);
        finish_what_was_begun(applied, target);
        std::vector<Passage> passages = choose(state_, folder_, target, options_.choose);
        if (options_.chosen) options_.chosen(state_, passages);
        // What is wrong with a file is said before the first one is run.
        for (const Passage& passage : passages)
            (void)pieces_of(script_of(passage), database_.dialect());
        passing_.prepare(static_cast<std::int64_t>(passages.size()));
        for (const Passage& passage : passages) pass(passage, applied);
        if (!applied.done.empty()) database_.restore_session();
        state_ = look(records_, *tool_, folder_);
        refuse_receipts_without_history(applied);
        applied.to = version_now();
        return applied;
    }

    // Some tools take no lock: dbmate, sql-migrate, diesel. When such a one runs at the same time,
    // the second to make a table fails, and with it all of its transaction. That is no failure if
    // what was to be done is done.
    void pass(const Passage& passage, Applied& applied) {
        if (others_came_ && is_done(state_, passage)) return;
        try {
            applied.done.push_back(passing_.pass(passage));
        } catch (const Error&) {
            if (!others_did(passage)) throw;
            others_came_ = true;
            session_.hooks().notice("info", called(*passage.migration) +
                                                " was done by another program meanwhile");
        }
    }

    [[nodiscard]] bool others_did(const Passage& passage) {
        const bool by_locks = database_.dialect() == Dialect::Sqlite || !tool_->locks().empty();
        if (by_locks || database_.in_transaction()) return false;
        State now = look(records_, *tool_, folder_);
        if (now.unfinished || now.dirty_key || !is_done(now, passage)) return false;
        // What is without a file lives in the state that it was chosen from.
        earlier_.push_back(std::exchange(state_, std::move(now)));
        passing_.look_again();
        return true;
    }

    static bool is_done(const State& state, const Passage& passage) {
        return state.is_applied(passage.migration->key) == (passage.way == Passage::Way::Up);
    }

    [[nodiscard]] std::string version_now() const {
        const Standing* newest = state_.newest();
        return newest == nullptr ? std::string() : newest->version;
    }

    // Somebody took the rows of the histories away in the middle of a run whose receipts are there.
    void refuse_receipts_without_history(const Applied& applied) const {
        for (const Applied::One& one : applied.done) {
            const bool up = one.way == Passage::Way::Up;
            const auto last = std::find_if(applied.done.rbegin(), applied.done.rend(),
                                           [&](const auto& other) { return other.key == one.key; });
            if (last->way != one.way || state_.is_applied(one.key) == up) continue;
            throw Error(ErrorCode::Integrity,
                        one.version + "_" + one.name + " was done by an attempt before this one, " +
                            "by its receipt, and the histories do not have it",
                        "somebody changed " + state_.history +
                            " or Drydock's table meanwhile: "
                            "compare them with the database, cancel the run, and begin a new one");
        }
    }

    // --- what a run before this one has left -----------------------------------------------------

    void finish_what_was_begun(Applied& applied, const Target& target) {
        const auto unfinished = look_at_unfinished(database_, state_, folder_);
        if (!unfinished) return;
        if (!unfinished->counted) {
            throw Error(ErrorCode::Refused,
                        state_.history + " says that " + unfinished->key + " was begun: " +
                            summary(*unfinished),
                        advice(*unfinished));
        }
        const Record record = *state_.unfinished;
        refuse_when_the_tool_ended_it(state_, record);
        const bool back = unfinished->way == Passage::Way::Up && leads_below(target, *unfinished);
        if (unfinished->untouched && (back || unfinished->migration == nullptr))
            return forget_it(*unfinished);
        if (back || unfinished->migration == nullptr)
            throw Error(ErrorCode::Refused, summary(*unfinished), advice(*unfinished));
        Passage passage{
            .way = unfinished->way, .migration = unfinished->migration, .who = {}};
        if (passage.way == Passage::Way::Down) passage.below = below(*passage.migration);
        passing_.prepare(1);
        applied.done.push_back(passing_.go_on(passage, record));
        state_ = look(records_, *tool_, folder_);
    }

    // Whether it would be taken back, had it ended.
    [[nodiscard]] bool leads_below(const Target& target, const Unfinished& unfinished) const {
        if (std::holds_alternative<Nothing>(target)) return true;
        if (const auto* steps = std::get_if<Steps>(&target)) return steps->count < 0;
        const auto* version = std::get_if<ToVersion>(&target);
        if (version == nullptr) return false;
        const Migration* to = folder_.find(version->version);
        if (to == nullptr) return state_.floor() != nullptr;
        if (to->kind != Migration::Kind::Versioned) return false;
        const Migration begun = without_file(unfinished.key, unfinished.version, unfinished.name);
        return comes_after(folder_.format,
                           unfinished.migration == nullptr ? begun : *unfinished.migration, *to);
    }

    // Nothing of it took effect: both marks go, in one transaction.
    void forget_it(const Unfinished& unfinished) {
        settle(database_, unfinished);
        const std::string name = unfinished.version + "_" + unfinished.name;
        patiently(session_, options_.patience, name,
                  "forget #" + std::to_string(unfinished.record),
                  [&] { forget(records_, *tool_, state_, unfinished, folder_.format); });
        session_.hooks().notice("info", "nothing of " + name +
                                            " took effect: its mark was taken away");
        state_ = look(records_, *tool_, folder_);
        passing_.look_again();
    }

    [[nodiscard]] const Migration* below(const Migration& migration) const {
        const Standing* floor = state_.floor();
        const Migration* found = floor == nullptr ? nullptr : floor->stand_in.get();
        for (const Migration& one : folder_.migrations) {
            if (&one == &migration) return found;
            if (state_.is_applied(one.key)) found = &one;
        }
        return found;
    }

    sql::Database& database_;
    sql::StepSession& session_;
    const Folder& folder_;
    const ApplyOptions& options_;
    std::unique_ptr<ToolHistory> tool_;
    Records records_;
    State state_;
    std::vector<State> earlier_;
    bool others_came_ = false;
    Passing passing_;
};

}  // namespace

Applied apply(sql::StepSession& session, const Folder& folder, const Target& target,
              const ApplyOptions& options) {
    return Applier(session, folder, options)(target);
}

}  // namespace drydock::migrate
