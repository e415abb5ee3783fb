#include "engine/migrate/apply.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/migrate/foreign_keys.h"
#include "engine/migrate/pieces.h"
#include "engine/migrate/reconcile.h"
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

// SET, RESET and PRAGMA, and set_config in a SELECT; not SET LOCAL and what else ends by itself.
bool sets_session(const std::vector<sql::Token>& tokens) {
    const sql::Token& first = tokens.front();
    if (first.is("reset") || first.is("pragma")) return true;
    if (first.is("set")) {
        return tokens.size() > 1 && !tokens[1].is("local") && !tokens[1].is("constraints") &&
               !tokens[1].is("transaction");
    }
    return first.is("select") && std::ranges::any_of(tokens, [](const sql::Token& token) {
               return token.is("set_config");
           });
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
          records_(database_, tool_->table()),
          keys_(session) {}

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
        if (state_.unfinished) keys_.remember();
        Applied applied{.from = version_now(), .to = {}, .done = {}};
        refuse_lost_history(state_);
        if (options_.found) options_.found(state_);
        finish_what_was_begun(applied);
        std::vector<Passage> passages = choose(state_, folder_, target, options_.choose);
        if (options_.chosen) options_.chosen(state_, passages);
        total_ = static_cast<std::int64_t>(passages.size());
        // What is wrong with a file is said before the first one is run.
        for (const Passage& passage : passages)
            (void)pieces_of(script_of(passage), database_.dialect());
        if (total_ > 0) keys_.remember();
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
            keys_.refuse_new(script_of(passage).file->path);
            Record record = record_of(passage, 1);
            record.parts_done = 1;
            record.ended = session_.clock().wall();
            if (!noted_)
                record_others_work(records_, state_, session_.clock().wall(), options_.run);
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
                if (!noted_)
                    record_others_work(records_, state_, session_.clock().wall(), options_.run);
                unfinished_id_ =
                    records_.add(record_of(passage, static_cast<std::int64_t>(pieces.size())));
                tool_->begin(passage);
                remember_tools_keys();
            });
            noted_ = true;
            unfinished_id_ = open_record();
            newest_record_ = unfinished_id_;
        }
        if (goes_on) set_again(passage, pieces, done);
        for (std::size_t i = done; i < pieces.size(); ++i) {
            tell(passage,
                 " part " + std::to_string(i + 1) + " of " + std::to_string(pieces.size()));
            if (pieces[i].alone) run_alone(passage, pieces[i], i, begun && i == done);
            mark(passage, i, " done", i + 1, [&] {
                if (!pieces[i].alone) run(passage, pieces[i]);
                keys_.refuse_new(script_of(passage).file->path);
            });
        }
        patiently(passage, key_of(passage, unfinished_id_, " end"), [&] {
            records_.end(unfinished_id_, session_.clock().wall());
            passage.took = session_.clock().boot() - began;
            tool_->end(passage);
            remember_tools_keys();
        });
    }

    // What the parts that are done have set for their session, which is another one now.
    void set_again(const Passage& passage, const std::vector<Piece>& pieces, std::size_t done) {
        const Script& script = script_of(passage);
        for (std::size_t i = 0; i < done; ++i) {
            for (const std::size_t index : pieces[i].statements) {
                const Statement& statement = script.statements[index];
                if (sets_session(statement.tokens))
                    database_.run_written({.text = statement.text, .data = {}}, Access::Alone);
            }
        }
    }

    // A receipt of an attempt before this one keeps the body from running: the table knows.
    std::int64_t open_record() {
        for (const Record& record : records_.read()) {
            if (record.open()) return record.id;
        }
        throw Error(ErrorCode::Integrity,
                    "a migration was begun by an attempt before this one, and its record is gone",
                    "somebody changed Drydock's table of migrations: cancel the run, look at the "
                    "database, and begin a new one");
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
        const auto alone = sql::alone_statement(statement.text, database_.dialect());
        const auto kind = alone.kind;
        if (may_have_begun && kind == sql::AloneStatement::Kind::Other) {
            throw Error(ErrorCode::Refused,
                        place_of(script, statement, 0) +
                            ": was begun, and nobody can tell whether it took effect",
                        "look into the database, complete the file or take it back by hand, and "
                        "end its row in drydock.migrations");
        }
        const std::string attempt = " begin " + std::to_string(session_.clock().wall().micros);
        // What is there already is not ours: the catalog will prove nothing later.
        const bool there_before = !may_have_begun && sql::is_in_catalog(alone) &&
                                  sql::effect_of(database_, alone) != sql::Effect::None;
        if (!there_before) mark(passage, part, attempt, part + 1, [] {});
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
    ForeignKeys keys_;
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
