#include "engine/migrate/history_change.h"

#include "engine/error.h"
#include "engine/migrate/history_lock.h"
#include "engine/migrate/known_tables.h"
#include "engine/migrate/pieces.h"
#include "engine/migrate/reconcile.h"
#include "engine/migrate/run_script.h"

namespace drydock::migrate {
namespace {

using Kind = HistoryChange::Kind;
using Does = HistoryItem::Does;

class Changer {
  public:
    Changer(sql::StepSession& session, const Folder& folder, const HistoryChange& change,
            const HistoryChangeOptions& options)
        : session_(session),
          folder_(folder),
          change_(change),
          options_(options),
          tool_(tool_history(session.database(), folder, options.tool)),
          records_(session.database(), tool_->table()) {}

    Value operator()() {
        Value done;
        with_history_locked(session_, *tool_, options_.lock_wait, [&] {
            if (change_.kind == Kind::Repair) settle_what_runs();
            done = session_.transaction(std::string(change_name(change_.kind)),
                                        [&] { return change(); });
        });
        return done;
    }

  private:
    // A statement outside of a transaction may still run in a session that nobody owns; what it
    // leaves half done cannot be taken away within the transaction.
    void settle_what_runs() {
        const State state = look(records_, *tool_, folder_);
        const auto unfinished = look_at_unfinished(session_.database(), state, folder_);
        if (unfinished && unfinished->untouched) settle(session_.database(), *unfinished);
    }

    // Everything is looked at within the transaction that changes it.
    Value change() {
        State state = look(records_, *tool_, folder_);
        if (change_.kind == Kind::Adopt) refuse_without_table(session_.database(), state);
        HistoryChange wanted = change_;
        if (change_.kind == Kind::Baseline && change_.version.empty()) {
            run_baseline_file(state);
            state = look(records_, *tool_, folder_);
            wanted.version = version_by_file(state);
        }
        const HistoryPlan plan =
            plan_change(state, folder_, wanted,
                        look_at_unfinished(session_.database(), state, folder_));
        if (!plan.writes()) return Value::List();
        write(plan, state);
        refuse_unless_done(plan);
        Value::List told;
        for (const HistoryItem& item : plan.items) {
            if (item.does != Does::Nothing) told.emplace_back(to_map(item));
        }
        return told;
    }

    void run_baseline_file(const State& before) {
        const Migration* file = options_.baseline_file;
        if (file == nullptr) {
            throw Error(ErrorCode::Usage, "baseline wants a version",
                        "as in a file's name; without one a baseline.sql beside the migrations is "
                        "run, and there is none");
        }
        if (const Standing* newest = before.newest(); newest != nullptr) {
            throw Error(ErrorCode::Refused,
                        "the database has a history: " + before.history + " says that " +
                            newest->version + " is applied",
                        "a baseline of " + newest->version + " would be accepted");
        }
        const std::vector<Piece> pieces = pieces_of(file->up, session_.database().dialect());
        const bool at_once = pieces.size() == 1 && !pieces.front().alone;
        if (!at_once) {
            throw Error(ErrorCode::Document, file->name + " is not one transaction",
                        "a baseline is made as a whole: take statements out of it that need their "
                        "own, and run them before");
        }
        run_piece(session_, file->up, pieces.front());
    }

    [[nodiscard]] static std::string version_by_file(const State& state) {
        if (const Standing* newest = state.newest(); newest != nullptr) return newest->version;
        throw Error(ErrorCode::Refused,
                    "after its baseline.sql, " + state.history + " says that nothing is applied",
                    "nothing was changed; name the version: drydock migrate baseline VERSION");
    }

    void write(const HistoryPlan& plan, const State& state) {
        const bool others = change_.kind == Kind::Force || change_.kind == Kind::Repair;
        if (others && state.tool.there)
            record_others_work(records_, state, session_.clock().wall(), options_.run);
        if (plan.unfinished) forget(records_, *tool_, state, *plan.unfinished, folder_.format);
        for (const HistoryItem& item : plan.items) {
            switch (item.does) {
                case Does::Apply:
                    tool_->end({.way = Passage::Way::Up,
                                .migration = item.migration,
                                .baseline = change_.kind == Kind::Baseline &&
                                            state.tool.has_baseline_row,
                                .who = options_.who});
                    break;
                case Does::Take:
                    tool_->end({.way = Passage::Way::Down,
                                .migration = item.migration,
                                .below = item.below,
                                .who = options_.who});
                    break;
                case Does::Accept: tool_->accept(*item.migration); break;
                case Does::Record:
                case Does::Unmark:
                case Does::Nothing: break;
            }
            if (item.does != Does::Nothing && item.does != Does::Unmark)
                records_.add(record_of(item, plan));
        }
    }

    [[nodiscard]] Record::Action action_of(const HistoryItem& item) const {
        if (item.does == Does::Take) return Record::Action::ForceDown;
        if (change_.kind == Kind::Force) return Record::Action::Force;
        return change_.kind == Kind::Baseline ? Record::Action::Baseline : Record::Action::Adopt;
    }

    [[nodiscard]] Record record_of(const HistoryItem& item, const HistoryPlan& plan) const {
        const Migration& one = *item.migration;
        const Timestamp now = session_.clock().wall();
        Record record{.action = action_of(item),
                      .key = one.key,
                      .version = one.version.text,
                      .name = one.name,
                      .digest = item.has_file ? crypto::to_hex(one.digest) : std::string(),
                      .text = {},
                      .parts = 1,
                      .parts_done = 1,
                      .began = now,
                      .ended = now,
                      .who = options_.who,
                      .run = options_.run,
                      .reason = change_.reason};
        if (item.has_file && item.does != Does::Take) record.text = one.up.file->text;
        // How far it had come stays known.
        if (plan.unfinished && plan.unfinished->counted && plan.unfinished->key == one.key) {
            record.parts = plan.unfinished->total;
            record.parts_done = plan.unfinished->done;
        }
        return record;
    }

    // The histories of tools have rules of their own: what was said must be what is there.
    void refuse_unless_done(const HistoryPlan& plan) {
        const State now = look(records_, *tool_, folder_);
        for (const HistoryItem& item : plan.items) {
            const bool wanted = item.does == Does::Apply || item.does == Does::Record ||
                                item.does == Does::Accept;
            const bool is = now.is_applied(item.migration->key);
            if (item.does == Does::Nothing || is == wanted) continue;
            if (item.does == Does::Unmark && !now.unfinished && !now.dirty_key) continue;
            throw Error(ErrorCode::Refused,
                        now.history + " cannot say that " + item.migration->key +
                            (wanted ? " is applied" : " is not applied"),
                        "nothing was changed; change it with the tool itself");
        }
        if (!now.unfinished && !now.dirty_key) return;
        if (change_.kind == Kind::Force)
            throw Error(ErrorCode::Refused, "the mark in " + now.history + " does not go",
                        "nothing was changed; clear it with the tool itself");
    }

    sql::StepSession& session_;
    const Folder& folder_;
    const HistoryChange& change_;
    const HistoryChangeOptions& options_;
    std::unique_ptr<ToolHistory> tool_;
    Records records_;
};

}  // namespace

void refuse_without_table(sql::Database& database, const State& state) {
    if (state.tool.there) return;
    std::string found;
    for (const FoundTable& one : find_tool_tables(database)) {
        found += (found.empty() ? "" : "; ") + one.table + " is one of " +
                 std::string(one.known->tool) + ": " + advice(*one.known);
    }
    throw Error(ErrorCode::NotFound,
                "there is no table " + state.history + ", so there is nothing to adopt",
                found.empty() ? "for a database whose tables were made without a tool: "
                                "drydock migrate baseline VERSION"
                              : found);
}

Value change_history(sql::StepSession& session, const Folder& folder, const HistoryChange& change,
                     const HistoryChangeOptions& options) {
    return Changer(session, folder, change, options)();
}

}  // namespace drydock::migrate
