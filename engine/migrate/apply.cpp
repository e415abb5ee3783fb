#include "engine/migrate/apply.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/migrate/history_lock.h"
#include "engine/migrate/passing.h"
#include "engine/migrate/reconcile.h"
#include "engine/migrate/run_script.h"

namespace drydock::migrate {
namespace {

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
        finish_what_was_begun(applied);
        std::vector<Passage> passages = choose(state_, folder_, target, options_.choose);
        if (options_.chosen) options_.chosen(state_, passages);
        // What is wrong with a file is said before the first one is run.
        for (const Passage& passage : passages)
            (void)pieces_of(script_of(passage), database_.dialect());
        passing_.prepare(static_cast<std::int64_t>(passages.size()));
        for (const Passage& passage : passages) applied.done.push_back(passing_.pass(passage));
        if (!applied.done.empty()) database_.restore_session();
        state_ = look(records_, *tool_, folder_);
        refuse_receipts_without_history(applied);
        applied.to = version_now();
        return applied;
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

    void finish_what_was_begun(Applied& applied) {
        if (!state_.unfinished) {
            if (state_.dirty_key) refuse_tools_mark(state_);
            return;
        }
        const Record record = *state_.unfinished;
        const auto found = std::ranges::find(folder_.migrations, record.key, &Migration::key);
        if (found == folder_.migrations.end() || crypto::to_hex(found->digest) != record.digest) {
            throw Error(ErrorCode::Refused,
                        record.version + "_" + record.name + " was begun " +
                            std::string(action_name(record.action)) + ", " +
                            std::to_string(record.parts_done) + " of its " +
                            std::to_string(record.parts) +
                            " parts are done, and its file is another one now",
                        "put the file back as it was, and it goes on from there");
        }
        refuse_when_the_tool_ended_it(state_, record);
        const bool up = record.action == Record::Action::Up;
        Passage passage{
            .way = up ? Passage::Way::Up : Passage::Way::Down, .migration = &*found, .who = {}};
        if (!up) passage.below = below(*found);
        passing_.prepare(1);
        applied.done.push_back(passing_.go_on(passage, record));
        state_ = look(records_, *tool_, folder_);
    }

    [[nodiscard]] const Migration* below(const Migration& migration) const {
        const Migration* found = nullptr;
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
    Passing passing_;
};

}  // namespace

Applied apply(sql::StepSession& session, const Folder& folder, const Target& target,
              const ApplyOptions& options) {
    return Applier(session, folder, options)(target);
}

}  // namespace drydock::migrate
