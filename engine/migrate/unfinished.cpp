#include "engine/migrate/unfinished.h"

#include <algorithm>
#include <array>

#include "engine/error.h"
#include "engine/migrate/pieces.h"
#include "engine/migrate/run_script.h"
#include "engine/migrate/trace.h"
#include "engine/sql/alone_statement.h"

namespace drydock::migrate {
namespace {

using Is = UnfinishedPart::Is;
using Way = Passage::Way;

constexpr std::size_t kShownRun = 8;

std::string called(const Unfinished& one) {
    const std::string version = one.version.empty() ? one.key : one.version;
    return one.name.empty() ? version : version + "_" + one.name;
}

const Script* script_of(const Unfinished& one) {
    if (one.migration == nullptr) return nullptr;
    if (one.way == Way::Up) return &one.migration->up;
    return one.migration->down ? &*one.migration->down : nullptr;
}

UnfinishedPart part_of(const Script& script, const Statement& statement, Is is,
                       std::string evidence) {
    return {.is = is,
            .place = place_of(script, statement, 0),
            .statement = beginning_of(statement.text),
            .evidence = std::move(evidence)};
}

// What the catalog says of a statement that was begun outside of a transaction.
UnfinishedPart begun_alone(sql::Database& database, const Script& script,
                           const Statement& statement) {
    const auto alone = sql::alone_statement(statement.text, database.dialect());
    if (alone.kind == sql::AloneStatement::Kind::Other) {
        return part_of(script, statement, Is::Unknown,
                       "it was begun, and nothing tells whether it took effect");
    }
    if (!sql::is_in_catalog(alone))
        return part_of(script, statement, Is::Half, "it was begun; again it does no harm");
    switch (sql::effect_of(database, alone)) {
        case sql::Effect::Whole:
            return part_of(script, statement, Is::Done, "by the catalog it took effect");
        case sql::Effect::Half:
            return part_of(script, statement, Is::Half, "the catalog has it, and not valid");
        case sql::Effect::None: break;
    }
    return part_of(script, statement, Is::NotDone, "by the catalog it took no effect");
}

void look_at_parts(sql::Database& database, const Record& record, const Script& script,
                   Unfinished& found) {
    const std::vector<Piece> pieces = pieces_of(script, database.dialect());
    const bool begun = record.parts_begun > record.parts_done;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const Statement& first = script.statements[pieces[i].statements.front()];
        const auto at = static_cast<std::int64_t>(i);
        if (at < record.parts_done) {
            found.parts.push_back(part_of(script, first, Is::Done, "it was committed"));
        } else if (at == record.parts_done && begun && pieces[i].alone) {
            found.alone = std::string(first.text);
            found.parts.push_back(begun_alone(database, script, first));
        } else {
            found.parts.push_back(part_of(script, first, Is::NotDone,
                                          at == record.parts_done ? "nothing of it was committed"
                                                                  : "it was not begun"));
        }
    }
    const bool proven = found.alone.empty() ||
                        sql::is_in_catalog(sql::alone_statement(found.alone, database.dialect()));
    found.untouched = record.parts_done == 0 && proven &&
                      std::ranges::none_of(found.parts, [](const UnfinishedPart& part) {
                          return part.is == Is::Done || part.is == Is::Unknown;
                      });
}

Unfinished look_at_record(sql::Database& database, const Record& record, const Folder& folder) {
    Unfinished found{.key = record.key,
                     .version = record.version,
                     .name = record.name,
                     .way = record.action == Record::Action::Down ? Way::Down : Way::Up,
                     .counted = true,
                     .migration = nullptr,
                     .without = {},
                     .record = record.id,
                     .done = record.parts_done,
                     .total = record.parts,
                     .run = record.run,
                     .parts = {},
                     .untouched = false,
                     .alone = {}};
    const auto file = std::ranges::find(folder.migrations, record.key, &Migration::key);
    if (file == folder.migrations.end()) {
        found.without = "the folder has no file for it";
    } else if (crypto::to_hex(file->digest) != record.digest) {
        found.without = "its file is another one now";
    } else {
        found.migration = &*file;
    }
    if (const Script* script = script_of(found); script != nullptr)
        look_at_parts(database, record, *script, found);
    else  // Parts in transactions alone: what is not done was rolled back.
        found.untouched =
            found.way == Way::Up && record.parts_done == 0 && record.parts_begun == 0;
    return found;
}

// A tool runs a file without statements of their own as one transaction: when one thing that it
// makes is missing, nothing of it was committed.
bool is_all_missing(const Script& script, const std::vector<UnfinishedPart>& parts,
                    sql::Dialect dialect) {
    const std::vector<Piece> pieces = pieces_of(script, dialect);
    if (pieces.size() != 1 || pieces.front().alone) return false;
    const auto count = [&](Is is) { return std::ranges::count(parts, is, &UnfinishedPart::is); };
    return count(Is::NotDone) > 0 && count(Is::Done) == 0;
}

Unfinished look_at_mark(sql::Database& database, const std::string& key, const Folder& folder) {
    const auto file = std::ranges::find(folder.migrations, key, &Migration::key);
    Unfinished found;
    found.key = found.version = key;
    if (file == folder.migrations.end()) {
        found.without = "the folder has no file for it";
        return found;
    }
    found.migration = &*file;
    found.version = file->version.text;
    found.name = file->name;
    const Script& script = file->up;
    for (const Statement& statement : script.statements) {
        switch (trace_of(database, statement)) {
            case Trace::There:
                found.parts.push_back(part_of(script, statement, Is::Done, "by the catalog"));
                break;
            case Trace::NotThere:
                found.parts.push_back(part_of(script, statement, Is::NotDone, "by the catalog"));
                break;
            case Trace::Unknown:
                found.parts.push_back(
                    part_of(script, statement, Is::Unknown, "the catalog does not tell"));
        }
    }
    found.untouched = is_all_missing(script, found.parts, database.dialect());
    return found;
}

}  // namespace

const UnfinishedPart* Unfinished::next() const {
    const auto found = std::ranges::find_if(
        parts, [](const UnfinishedPart& part) { return part.is != Is::Done; });
    return found == parts.end() ? nullptr : &*found;
}

std::string_view word_for(UnfinishedPart::Is is) {
    constexpr std::array<std::string_view, 4> kWords{"done", "not done", "half done", "unknown"};
    return kWords.at(static_cast<std::size_t>(is));
}

std::optional<Unfinished> look_at_unfinished(sql::Database& database, const State& state,
                                             const Folder& folder) {
    if (state.unfinished) return look_at_record(database, *state.unfinished, folder);
    if (state.dirty_key) return look_at_mark(database, *state.dirty_key, folder);
    return std::nullopt;
}

std::string summary(const Unfinished& one) {
    std::string text = called(one) + " was begun";
    if (one.counted) text += one.way == Way::Up ? " up" : " down";
    text += " and did not end";
    if (one.counted) {
        text += ": " + std::to_string(one.done) + " of its " + std::to_string(one.total) +
                " parts are done";
    } else {
        text += ", by the mark of its tool (dirty)";
    }
    if (one.migration == nullptr) return text + ", and " + one.without;
    if (one.untouched) return text + "; nothing of it took effect";
    if (const UnfinishedPart* part = one.next(); part != nullptr)
        text += "; next is " + part->place + ": " + part->statement + " (" + part->evidence + ")";
    return text;
}

std::string advice(const Unfinished& one) {
    const std::string force =
        "drydock migrate force VERSION says which version the database is at now";
    if (one.untouched)
        return "drydock migrate repair takes the mark away, drydock migrate up then runs it";
    const UnfinishedPart* next = one.next();
    // The run holds the database until it has ended.
    const std::string on = "drydock resume " + one.run.substr(0, kShownRun) +
                           ", or when that run is cancelled drydock migrate up, goes on";
    if (one.counted && one.migration == nullptr)
        return "put its file back as it was, then " + on + "; or " + force;
    if (one.counted && (next == nullptr || next->is != Is::Unknown))
        return on + " with it; or, once it was completed or taken back by hand, " + force;
    return "complete it or take it back by hand, then " + force;
}

const Migration* newest_without(const State& state, const Unfinished& unfinished, Format format) {
    const Standing* newest = state.newest();
    const Migration* found = newest == nullptr ? nullptr : &migration_of(*newest);
    // What was begun down is still applied.
    if (unfinished.way == Way::Up || unfinished.migration == nullptr) return found;
    const bool is_newer = found == nullptr || comes_after(format, *unfinished.migration, *found);
    return is_newer ? unfinished.migration : found;
}

void settle(sql::Database& database, const Unfinished& unfinished) {
    if (unfinished.alone.empty()) return;
    const auto alone = sql::alone_statement(unfinished.alone, database.dialect());
    if (alone.kind != sql::AloneStatement::Kind::Other)
        (void)sql::settle_alone(database, alone, unfinished.alone);
}

void forget(Records& records, ToolHistory& tool, const State& state, const Unfinished& unfinished,
            Format format) {
    if (unfinished.counted) records.remove(unfinished.record);
    if (state.dirty_key) tool.unmark(newest_without(state, unfinished, format));
}

}  // namespace drydock::migrate
