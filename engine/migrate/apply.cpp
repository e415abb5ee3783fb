#include "engine/migrate/apply.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/migrate/pieces.h"
#include "engine/sql/advisory_lock.h"
#include "engine/sql/alone_statement.h"

namespace drydock::migrate {
namespace {

using sql::Access;
using sql::Dialect;

constexpr std::string_view kLockName = "drydock migrations";
constexpr std::string_view kLockNotAvailable = "55P03";
constexpr Microseconds kFirstPause{200'000};
constexpr Microseconds kLongestPause{5'000'000};

const Script& script_of(const Passage& passage) {
    return passage.way == Passage::Way::Up ? passage.migration->up : *passage.migration->down;
}

std::string called(const Migration& one) {
    return one.version.text.empty() ? one.name : one.version.text + "_" + one.name;
}

// Whether it could leave the session other than it was.
bool may_set_something(const Script& script) {
    constexpr std::array<std::string_view, 7> kWords{"set",    "reset", "discard", "pragma",
                                                     "select", "do",    "call"};
    return std::ranges::any_of(script.statements, [&](const Statement& statement) {
        return std::ranges::any_of(
            kWords, [&](std::string_view word) { return statement.tokens.front().is(word); });
    });
}

class Applier {
  public:
    Applier(sql::StepSession& session, const Folder& folder, const ApplyOptions& options)
        : session_(session),
          database_(session.database()),
          folder_(folder),
          options_(options),
          tool_(tool_history(database_, folder, options.tool)),
          records_(database_, tool_->table()) {}

    Applied operator()(const Target& target) {
        std::vector<sql::AdvisoryKey> keys;
        if (database_.dialect() == Dialect::Postgres) {
            keys.emplace_back(std::string(kLockName));
            for (sql::AdvisoryKey& key : tool_->locks()) keys.push_back(std::move(key));
        }
        Applied applied;
        locked(keys, 0, [&] { applied = go(target); });
        return applied;
    }

  private:
    void locked(const std::vector<sql::AdvisoryKey>& keys, std::size_t at,
                const std::function<void()>& work) {
        if (at == keys.size()) return work();
        session_.lock(keys[at], options_.lock_wait, [&] {
            locked(keys, at + 1, work);
            return Value();
        });
    }

    Applied go(const Target& target) {
        state_ = look(records_, *tool_, folder_);
        newest_record_ = records_.newest();
        applied_keys_ = state_.tool.applied;
        if (state_.unfinished) broken_keys_ = broken_keys();
        Applied applied{.from = version_now(), .to = {}, .done = {}};
        finish_what_was_begun(applied);
        const std::vector<Passage> passages = choose(state_, folder_, target, options_.choose);
        total_ = static_cast<std::int64_t>(passages.size());
        if (total_ > 0) broken_keys_ = broken_keys();
        for (const Passage& passage : passages) {
            pass(applied, passage, 0, false, false);
            // Those that the first one has made are there from now on.
            if (++count_ == 1 && !state_.tool.there) {
                (void)tool_->read();
                (void)records_.read();
            }
        }
        if (!applied.done.empty()) database_.restore_session();
        state_ = look(records_, *tool_, folder_);
        applied.to = version_now();
        return applied;
    }

    [[nodiscard]] std::string version_now() const {
        const Standing* newest = state_.newest();
        return newest == nullptr ? std::string() : newest->version;
    }

    // --- what a run before this one has left -----------------------------------------------------

    void finish_what_was_begun(Applied& applied) {
        if (!state_.unfinished) {
            if (state_.dirty_key) refuse_tools_mark();
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
        const bool up = record.action == Record::Action::Up;
        Passage passage{
            .way = up ? Passage::Way::Up : Passage::Way::Down, .migration = &*found, .who = {}};
        if (!up) passage.below = below(*found);
        session_.hooks().notice("info", "goes on with " + called(*found) + " after part " +
                                            std::to_string(record.parts_done) + " of " +
                                            std::to_string(record.parts));
        unfinished_id_ = record.id;
        total_ = 1;
        pass(applied, passage, static_cast<std::size_t>(record.parts_done), true,
             record.parts_begun > record.parts_done);
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

    [[noreturn]] void refuse_tools_mark() const {
        throw Error(ErrorCode::Refused,
                    state_.history + " says that " + *state_.dirty_key +
                        " was begun and did not end (dirty); another tool has begun it, so nobody "
                        "knows how far it came",
                    "look at what of its file is in the database, complete it or take it back by "
                    "hand, then clear the mark with that tool");
    }

    // --- one migration ---------------------------------------------------------------------------

    void pass(Applied& applied, const Passage& chosen, std::size_t done, bool goes_on, bool begun) {
        Passage passage = chosen;
        passage.who = options_.who;
        const std::vector<Piece> pieces = pieces_of(script_of(passage), database_.dialect());
        const Microseconds began = session_.clock().boot();
        began_ = session_.clock().wall();
        tell(passage, "");
        const bool at_once = pieces.empty() || (pieces.size() == 1 && !pieces.front().alone);
        if (at_once && !goes_on)
            in_one_transaction(passage, pieces, began);
        else
            piece_by_piece(passage, pieces, done, goes_on, begun, began);
        if (may_set_something(script_of(passage))) database_.restore_session();
        applied.done.push_back({.way = passage.way,
                                .key = passage.migration->key,
                                .version = passage.migration->version.text,
                                .name = passage.migration->name,
                                .took = session_.clock().boot() - began});
    }

    // The receipt's key. The number of the newest record makes it another one when the same
    // migration comes again, in the same step: somebody may have taken it back in between.
    [[nodiscard]] static std::string key_of(const Passage& passage, std::int64_t record,
                                            const std::string& part) {
        return (passage.way == Passage::Way::Up ? "up " : "down ") + passage.migration->key + " #" +
               std::to_string(record) + part;
    }

    void in_one_transaction(Passage& passage, const std::vector<Piece>& pieces,
                            Microseconds began) {
        patiently(passage, key_of(passage, newest_record_, ""), [&] {
            refuse_when_others_came();
            for (const Piece& piece : pieces) run(passage, piece);
            refuse_broken_keys(passage);
            Record record = record_of(passage, 1);
            record.parts_done = 1;
            record.ended = session_.clock().wall();
            note_others_work();
            newest_record_ = records_.add(record);
            passage.took = session_.clock().boot() - began;
            tool_->end(passage);
            remember_tools_keys();
        });
        noted_ = true;
    }

    void piece_by_piece(Passage& passage, const std::vector<Piece>& pieces, std::size_t done,
                        bool goes_on, bool begun, Microseconds began) {
        if (!goes_on) {
            patiently(passage, key_of(passage, newest_record_, " begin"), [&] {
                refuse_when_others_came();
                note_others_work();
                unfinished_id_ =
                    records_.add(record_of(passage, static_cast<std::int64_t>(pieces.size())));
                tool_->begin(passage);
                remember_tools_keys();
            });
            noted_ = true;
            unfinished_id_ = open_record();
            newest_record_ = unfinished_id_;
        }
        for (std::size_t i = done; i < pieces.size(); ++i) {
            tell(passage,
                 " part " + std::to_string(i + 1) + " of " + std::to_string(pieces.size()));
            if (pieces[i].alone) run_alone(passage, pieces[i], i, begun && i == done);
            mark(passage, i, " done", i + 1, [&] {
                if (!pieces[i].alone) run(passage, pieces[i]);
                refuse_broken_keys(passage);
            });
        }
        patiently(passage, key_of(passage, unfinished_id_, " end"), [&] {
            records_.end(unfinished_id_, session_.clock().wall());
            passage.took = session_.clock().boot() - began;
            tool_->end(passage);
        });
    }

    // A receipt of an attempt before this one keeps the body from running: the table knows.
    std::int64_t open_record() {
        for (const Record& record : records_.read()) {
            if (record.open()) return record.id;
        }
        CHECK(!"a migration that was begun has no record");
        return 0;
    }

    void run(const Passage& passage, const Piece& piece) {
        const Script& script = script_of(passage);
        for (const std::size_t index : piece.statements) {
            session_.hooks().check_stop();
            const Statement& statement = script.statements[index];
            try {
                database_.run_written({.text = statement.text, .data = statement.data},
                                      Access::Write);
            } catch (const Error& error) {
                throw placed(error, script, statement);
            }
        }
    }

    // How far it is, in a transaction with `work`.
    void mark(const Passage& passage, std::size_t part, const std::string& what, std::size_t begun,
              const std::function<void()>& work) {
        const std::string key = " part " + std::to_string(part + 1) + what;
        const auto done = static_cast<std::int64_t>(part) + (what == " done" ? 1 : 0);
        patiently(passage, key_of(passage, unfinished_id_, key), [&] {
            work();
            records_.advance(unfinished_id_, done, static_cast<std::int64_t>(begun));
        });
    }

    void run_alone(const Passage& passage, const Piece& piece, std::size_t part,
                   bool may_have_begun) {
        const Script& script = script_of(passage);
        const Statement& statement = script.statements[piece.statements.front()];
        const auto kind = sql::alone_statement(statement.text, database_.dialect()).kind;
        if (may_have_begun && kind == sql::AloneStatement::Kind::Other) {
            throw Error(ErrorCode::Refused,
                        place_of(script, statement, 0) +
                            ": was begun, and nobody can tell whether it took effect",
                        "look into the database, complete the file or take it back by hand, and "
                        "end its row in drydock.migrations");
        }
        const std::string attempt = " begin " + std::to_string(session_.clock().wall().micros);
        mark(passage, part, attempt, part + 1, [] {});
        try {
            session_.exec_alone_written(statement.text, may_have_begun);
        } catch (const Error& error) {
            // The database has answered: it has not taken effect, or what is left of it the catalog
            // tells.
            if (kind == sql::AloneStatement::Kind::Other && error.code() != ErrorCode::Connection)
                mark(passage, part, attempt + " failed", part, [] {});
            throw placed(error, script, statement);
        }
    }

    // Tries again while a table is locked by somebody else: all of it, for it was rolled back.
    void patiently(const Passage& passage, const std::string& key,
                   const std::function<void()>& work) {
        const Microseconds until = session_.clock().boot() + options_.patience;
        for (Microseconds pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
            try {
                session_.transaction(key, [&] {
                    work();
                    return Value();
                });
                return;
            } catch (const Error& error) {
                const bool waited = error.code_text() == kLockNotAvailable;
                if (!waited || session_.clock().boot() + pause > until) throw;
                session_.hooks().notice(
                    "info", "tries " + called(*passage.migration) + " again: " + error.message());
            }
            session_.pause(jittered(pause));
        }
    }

    // So that several who wait do not come back at the same time.
    [[nodiscard]] Microseconds jittered(Microseconds pause) const {
        const std::int64_t spread = session_.clock().boot().count() % 1000;
        return pause / 2 + pause * spread / 2000;
    }

    // --- histories -------------------------------------------------------------------------------

    [[nodiscard]] Record record_of(const Passage& passage, std::int64_t parts) const {
        const Migration& one = *passage.migration;
        const bool up = passage.way == Passage::Way::Up;
        return {.id = 0,
                .action = up ? Record::Action::Up : Record::Action::Down,
                .key = one.key,
                .version = one.version.text,
                .name = one.name,
                .digest = crypto::to_hex(one.digest),
                .text = up ? std::optional(one.up.file->text) : std::nullopt,
                .parts = parts,
                .parts_done = 0,
                .began = began_,
                .ended = {},
                .who = options_.who,
                .run = options_.run,
                .reason = {}};
    }

    // What the tool has done since Drydock was here last gets a record too: from then on a file
    // without one, that comes before it, is known for not applied.
    void note_others_work() {
        if (noted_) return;
        for (const Standing& one : state_.standings) {
            if (one.is != Standing::Is::Applied || one.record) continue;
            Record record{.action = Record::Action::Adopt,
                          .key = one.key,
                          .version = one.version,
                          .name = one.name,
                          .digest = {},
                          .text = {},
                          .parts = 1,
                          .parts_done = 1,
                          .began = session_.clock().wall(),
                          .ended = session_.clock().wall(),
                          .who = "another tool",
                          .run = options_.run,
                          .reason = {}};
            records_.add(record);
        }
    }

    // A SQLite file has no lock that could be held over several transactions: whoever else migrates
    // it is seen by what it wrote.
    void refuse_when_others_came() {
        if (database_.dialect() != Dialect::Sqlite) return;
        if (records_.newest() == newest_record_ && tool_->read().applied == applied_keys_) return;
        throw Error(ErrorCode::Busy, "another program migrates this database at the same time",
                    "let it end, then drydock resume");
    }

    void remember_tools_keys() {
        if (database_.dialect() == Dialect::Sqlite) applied_keys_ = tool_->read().applied;
    }

    // --- foreign keys of SQLite ------------------------------------------------------------------

    // Every row of the check, as text. Keys are not enforced while migrations run, for a table that
    // is made anew would take its children with it.
    [[nodiscard]] std::set<std::string> broken_keys() const {
        std::set<std::string> found;
        if (database_.dialect() != Dialect::Sqlite) return found;
        database_.run("pragma foreign_key_check", {}, Access::Read, [&](const sql::Row& row) {
            found.insert(to_text(row.value(0)) + " row " + to_text(row.value(1)) + " to " +
                         to_text(row.value(2)));
            return true;
        });
        return found;
    }

    void refuse_broken_keys(const Passage& passage) {
        for (const std::string& one : broken_keys()) {
            if (broken_keys_.contains(one)) continue;
            throw Error(
                ErrorCode::Sql,
                script_of(passage).file->path + ": after it a foreign key leads nowhere: " + one,
                "mend the rows in the migration; nothing of it was committed");
        }
    }

    void tell(const Passage& passage, const std::string& part) {
        const std::string way = passage.way == Passage::Way::Up ? "" : "down ";
        session_.hooks().progress(count_, total_, way + called(*passage.migration) + part);
    }

    sql::StepSession& session_;
    sql::Database& database_;
    const Folder& folder_;
    const ApplyOptions& options_;
    std::unique_ptr<ToolHistory> tool_;
    Records records_;
    State state_;
    std::set<std::string> broken_keys_;
    std::vector<std::string> applied_keys_;  // as the tool's table has them, by what we know
    std::int64_t newest_record_ = 0, unfinished_id_ = 0;
    std::int64_t count_ = 0, total_ = 0;
    Timestamp began_;
    bool noted_ = false;
};

}  // namespace

Applied apply(sql::StepSession& session, const Folder& folder, const Target& target,
              const ApplyOptions& options) {
    return Applier(session, folder, options)(target);
}

}  // namespace drydock::migrate
