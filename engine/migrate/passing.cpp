#include "engine/migrate/passing.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/migrate/reconcile.h"
#include "engine/migrate/run_script.h"
#include "engine/sql/alone_statement.h"

namespace drydock::migrate {
namespace {

using sql::Dialect;

// The receipt's key. The number of the newest record makes it another one when the same migration
// comes again, in the same step: somebody may have taken it back in between.
std::string key_of(const Passage& passage, std::int64_t record, const std::string& part) {
    return (passage.way == Passage::Way::Up ? "up " : "down ") + passage.migration->key + " #" +
           std::to_string(record) + part;
}

}  // namespace

Passing::Passing(sql::StepSession& session, ToolHistory& tool, Records& records, const State& state,
                 const ApplyOptions& options)
    : session_(session),
      database_(session.database()),
      tool_(tool),
      records_(records),
      state_(state),
      options_(options),
      keys_(session) {}

void Passing::prepare(std::int64_t total) {
    total_ = total;
    if (total > 0) keys_.remember();
}

void Passing::look_again() {
    newest_record_ = records_.newest();
    applied_keys_ = state_.tool.applied;
    tools_table_is_known_ = state_.tool.there;
    cumulative_ = state_.tool.cumulative;
    commits_of_others_ = -1;
    noted_ = false;
}

Applied::One Passing::pass(const Passage& passage) {
    Applied::One done = run(passage, nullptr);
    // Those that the first one has made are there from now on.
    if (++count_ == 1 && !state_.tool.there) {
        (void)tool_.read();
        (void)records_.read();
    }
    return done;
}

Applied::One Passing::go_on(const Passage& passage, const Record& record) {
    session_.hooks().notice("info", "goes on with " + called(*passage.migration) + " after part " +
                                        std::to_string(record.parts_done) + " of " +
                                        std::to_string(record.parts));
    return run(passage, &record);
}

Applied::One Passing::run(const Passage& chosen, const Record* record) {
    Passage passage = chosen;
    passage.who = options_.who;
    const Script& script = script_of(passage);
    const std::vector<Piece> pieces = pieces_of(script, database_.dialect());
    const Microseconds began = session_.clock().boot();
    began_ = session_.clock().wall();
    tell(passage, "");
    if (script.statements.empty())
        session_.hooks().notice("warning",
                                script.file->path + " has no statement: nothing is done");
    const bool at_once = pieces.empty() || (pieces.size() == 1 && !pieces.front().alone);
    if (at_once && record == nullptr)
        in_one_transaction(passage, pieces, began);
    else
        piece_by_piece(passage, pieces, record, began);
    if (may_set_something(script)) database_.restore_session();
    return {.way = passage.way,
            .key = passage.migration->key,
            .version = passage.migration->version.text,
            .name = passage.migration->name,
            .took = session_.clock().boot() - began};
}

void Passing::in_one_transaction(Passage& passage, const std::vector<Piece>& pieces,
                                 Microseconds began) {
    committed(passage, key_of(passage, newest_record_, ""), [&] {
        refuse_when_others_came();
        for (const Piece& piece : pieces) run_piece(session_, script_of(passage), piece);
        if (std::ranges::any_of(script_of(passage).statements, takes_on_role))
            database_.take_own_role();
        keys_.refuse_new(script_of(passage).file->path);
        Record record = record_of(passage, 1);
        record.parts_done = 1;
        record.ended = session_.clock().wall();
        if (!noted_) record_others_work(records_, state_, session_.clock().wall(), options_.run);
        newest_record_ = records_.add(record);
        passage.took = session_.clock().boot() - began;
        tool_.end(passage);
        expect_in_tools_table(passage);
    });
    noted_ = true;
}

void Passing::piece_by_piece(Passage& passage, const std::vector<Piece>& pieces,
                             const Record* record, Microseconds began) {
    const Script& script = script_of(passage);
    std::size_t done = 0;
    bool begun = false;
    if (record == nullptr) {
        note_beginning(passage, pieces.size());
    } else {
        unfinished_id_ = record->id;
        done = static_cast<std::size_t>(record->parts_done);
        begun = record->parts_begun > record->parts_done;
        set_again(database_, script, pieces, done);
    }
    for (std::size_t i = done; i < pieces.size(); ++i) {
        tell(passage, " part " + std::to_string(i + 1) + " of " + std::to_string(pieces.size()));
        if (pieces[i].alone) run_alone(passage, pieces[i], i, begun && i == done);
        mark(passage, i, " done", i + 1, [&] {
            if (!pieces[i].alone) run_piece(session_, script, pieces[i]);
            keys_.refuse_new(script.file->path);
        });
    }
    committed(passage, key_of(passage, unfinished_id_, " end"), [&] {
        records_.end(unfinished_id_, session_.clock().wall());
        passage.took = session_.clock().boot() - began;
        tool_.end(passage);
        remember_tools_table();
    });
}

void Passing::note_beginning(const Passage& passage, std::size_t pieces) {
    committed(passage, key_of(passage, newest_record_, " begin"), [&] {
        refuse_when_others_came();
        if (!noted_) record_others_work(records_, state_, session_.clock().wall(), options_.run);
        unfinished_id_ = records_.add(record_of(passage, static_cast<std::int64_t>(pieces)));
        tool_.begin(passage);
        remember_tools_table();
    });
    noted_ = true;
    unfinished_id_ = open_record();
    newest_record_ = unfinished_id_;
}

// A receipt of an attempt before this one keeps the body from running: the table knows.
std::int64_t Passing::open_record() {
    for (const Record& record : records_.read()) {
        if (record.open()) return record.id;
    }
    throw Error(ErrorCode::Integrity,
                "a migration was begun by an attempt before this one, and its record is gone",
                "somebody changed Drydock's table of migrations: cancel the run, look at the "
                "database, and begin a new one");
}

void Passing::mark(const Passage& passage, std::size_t part, const std::string& what,
                   std::size_t begun, const std::function<void()>& work) {
    const std::string key = " part " + std::to_string(part + 1) + what;
    const auto done = static_cast<std::int64_t>(part) + (what == " done" ? 1 : 0);
    committed(passage, key_of(passage, unfinished_id_, key), [&] {
        work();
        records_.advance(unfinished_id_, done, static_cast<std::int64_t>(begun));
    });
}

void Passing::run_alone(const Passage& passage, const Piece& piece, std::size_t part,
                        bool may_have_begun) {
    const Script& script = script_of(passage);
    const Statement& statement = script.statements[piece.statements.front()];
    const auto alone = sql::alone_statement(statement.text, database_.dialect());
    const auto kind = alone.kind;
    if (may_have_begun && kind == sql::AloneStatement::Kind::Other) {
        throw Error(ErrorCode::Refused,
                    place_of(script, statement, 0) +
                        ": was begun, and nobody can tell whether it took effect",
                    "look into the database; drydock migrate status says what is known of it");
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

void Passing::committed(const Passage& passage, const std::string& key,
                        const std::function<void()>& work) {
    bool worked = false;
    try {
        patiently(session_, options_.patience, called(*passage.migration), key, [&] {
            worked = false;
            work();
            worked = true;
        });
    } catch (const Error& error) {
        // The commit itself: a constraint that was put off, a disk that is full. Or our own tables,
        // which the migration took away.
        const bool of_ours = error.code_text() == "42P01" || error.code_text() == "3F000";
        const std::string& file = script_of(passage).file->path;
        if (worked || (of_ours && !error.message().starts_with(file))) throw error.in(file);
        throw;
    }
}

Record Passing::record_of(const Passage& passage, std::int64_t parts) const {
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

void Passing::refuse_when_others_came() {
    if (database_.dialect() != Dialect::Sqlite) return;
    std::int64_t commits = 0;
    database_.run("pragma data_version", {}, sql::Access::Read, [&](const sql::Row& row) {
        commits = row.value(0).as<std::int64_t>();
        return true;
    });
    if (std::exchange(commits_of_others_, commits) == commits) return;
    std::vector<std::string> now = tool_.read().applied;
    std::ranges::sort(now);
    std::ranges::sort(applied_keys_);
    if (records_.newest() == newest_record_ && now == applied_keys_) return;
    throw Error(ErrorCode::Busy, "another program migrates this database at the same time",
                "let it end, then drydock resume");
}

void Passing::expect_in_tools_table(const Passage& passage) {
    if (!tools_table_is_known_) return remember_tools_table();
    const bool up = passage.way == Passage::Way::Up;
    const std::string& key = passage.migration->key;
    if (cumulative_) {
        // One out of order does not lower the version.
        const bool below_it =
            up && !applied_keys_.empty() && std::stoull(applied_keys_.back()) >= std::stoull(key);
        if (below_it) return;
        applied_keys_.clear();
        if (up || passage.below != nullptr) applied_keys_.push_back(up ? key : passage.below->key);
        return;
    }
    std::erase(applied_keys_, key);
    if (up) applied_keys_.push_back(key);
}

void Passing::remember_tools_table() {
    if (database_.dialect() != Dialect::Sqlite) return;
    ToolState now = tool_.read();
    applied_keys_ = std::move(now.applied);
    tools_table_is_known_ = now.there;
    cumulative_ = now.cumulative;
}

void Passing::tell(const Passage& passage, const std::string& part) {
    const std::string way = passage.way == Passage::Way::Up ? "" : "down ";
    session_.hooks().progress(count_, total_, way + called(*passage.migration) + part);
}

}  // namespace drydock::migrate
