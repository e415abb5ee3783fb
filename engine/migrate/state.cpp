#include "engine/migrate/state.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

namespace drydock::migrate {
namespace {

using Is = Standing::Is;

bool is_applied_by(Is is) {
    return is == Is::Applied || is == Is::Changed || is == Is::NoFile || is == Is::Baseline ||
           is == Is::Program;
}

// What the records say of each migration that was not taken back since.
struct Known {
    const Record* newest = nullptr;
    bool was_run = false;  // by Drydock; the newest may only have accepted its file
};
using KnownByKey = std::map<std::string, Known>;

KnownByKey known_of(const std::vector<Record>& records) {
    KnownByKey known;
    for (const Record& record : records) {
        if (record.open()) continue;
        if (record.takes_back()) {
            known.erase(record.key);
            continue;
        }
        Known& one = known[record.key];
        one.newest = &record;
        one.was_run = one.was_run || record.action == Record::Action::Up;
    }
    return known;
}

// A tool that knows only the last one takes every file up to it for applied. One that came into the
// folder since, beneath some that Drydock has applied, is not: all others have a record.
class AppliedKeys {
  public:
    AppliedKeys(const State& state, const KnownByKey& known) : state_(state), known_(known) {
        for (const std::string& key : state.tool.applied) keys_.insert(key);
    }

    [[nodiscard]] bool operator()(const Migration& migration) const {
        if (!state_.tool.there) return known_.contains(migration.key);
        if (!state_.tool.cumulative) return keys_.contains(migration.key);
        // golang-migrate marks a way down to nothing that failed by -1.
        if (keys_.empty() || keys_.begin()->starts_with('-')) return false;
        const std::uint64_t last = std::stoull(*keys_.rbegin());
        if (migration.version.number() > last) return false;
        return known_.contains(migration.key) ||
               !is_behind_records(migration.version.number(), last);
    }

  private:
    // Records beyond `last` do not count: the tool has taken those migrations back since.
    [[nodiscard]] bool is_behind_records(std::uint64_t number, std::uint64_t last) const {
        return std::ranges::any_of(known_, [&](const auto& known) {
            const std::uint64_t applied = std::stoull(known.first);
            return known.second.was_run && applied > number && applied <= last;
        });
    }

    const State& state_;
    const KnownByKey& known_;
    std::set<std::string> keys_;
};

// The tool goes by its own checksum, where it has one; and it may have applied a repeatable one
// since we did.
Standing::File compare(const Standing& standing, const State& state) {
    if (const auto known = state.tool.same_file.find(standing.key);
        known != state.tool.same_file.end())
        return known->second ? Standing::File::Same : Standing::File::Edited;
    if (!standing.record || standing.record->digest.empty()) return Standing::File::Unknown;
    return standing.record->digest == crypto::to_hex(standing.migration->digest)
               ? Standing::File::Same
               : Standing::File::Edited;
}

Standing standing_of(const Migration& migration, bool applied, const State& state,
                     const KnownByKey& known) {
    Standing standing{.is = applied ? Is::Applied : Is::Pending,
                      .file_is = Standing::File::Unknown,
                      .migration = &migration,
                      .stand_in = {},
                      .key = migration.key,
                      .version = migration.version.text,
                      .name = migration.name,
                      .record = {},
                      .at = {}};
    if (!applied) return standing;
    if (const auto found = known.find(standing.key); found != known.end())
        standing.record = *found->second.newest;
    if (const auto found = state.tool.times.find(standing.key); found != state.tool.times.end())
        standing.at = found->second;
    standing.file_is = compare(standing, state);
    const bool again =
        migration.kind == Migration::Kind::Repeatable && standing.file_is != Standing::File::Same;
    if (again) standing.is = Is::Changed;
    return standing;
}

// What is applied, by the tool or by our records, and not in the folder.
std::set<std::string> keys_without_file(const State& state, const KnownByKey& known,
                                        const Folder& folder) {
    std::set<std::string> keys(state.tool.applied.begin(), state.tool.applied.end());
    std::erase_if(keys, [](const std::string& key) { return key.starts_with('-'); });
    // Of a tool that knows only the last one our records tell the others.
    const auto told_by_records = [&](const std::string& key) {
        return state.tool.cumulative && !keys.empty() &&
               std::stoull(key) < std::stoull(*keys.begin());
    };
    std::vector<std::string> recorded;
    for (const auto& [key, one] : known) {
        if (!state.tool.there || told_by_records(key)) recorded.push_back(key);
    }
    keys.insert(recorded.begin(), recorded.end());
    for (const Migration& migration : folder.migrations) keys.erase(migration.key);
    return keys;
}

// The baseline that our records or the tool's own row tell of.
std::optional<Migration> baseline_of(const State& state, const KnownByKey& known, Format format) {
    std::optional<Migration> highest;
    const auto see = [&](const std::string& key, const std::string& version) {
        Migration one = without_file(key, version, "");
        if (!highest || comes_after(format, one, *highest)) highest = std::move(one);
    };
    for (const auto& [key, one] : known) {
        if (one.newest->action == Record::Action::Baseline) see(key, one.newest->version);
    }
    if (state.tool.baseline) see(*state.tool.baseline, *state.tool.baseline);
    return highest;
}

bool is_program(const Folder& folder, const Migration& applied) {
    return !applied.version.parts.empty() &&
           std::ranges::any_of(folder.code, [&](const CodeMigration& one) {
               return one.version.parts == applied.version.parts;
           });
}

void add_those_without_file(State& state, const KnownByKey& known, const Folder& folder) {
    const std::optional<Migration> baseline = baseline_of(state, known, folder.format);
    std::vector<Standing> below;
    for (const std::string& key : keys_without_file(state, known, folder)) {
        Standing standing;
        standing.is = Is::NoFile;
        standing.key = standing.version = key;
        if (const auto found = known.find(key); found != known.end()) {
            standing.record = *found->second.newest;
            standing.version = found->second.newest->version;
            standing.name = found->second.newest->name;
        }
        standing.stand_in = std::make_shared<const Migration>(
            without_file(key, standing.version, standing.name));
        const bool at_or_below =
            baseline && !comes_after(folder.format, *standing.stand_in, *baseline);
        if (at_or_below) standing.is = Is::Baseline;
        else if (is_program(folder, *standing.stand_in)) standing.is = Is::Program;
        (at_or_below ? below : state.standings).push_back(std::move(standing));
    }
    std::ranges::stable_sort(below, [&](const Standing& left, const Standing& right) {
        return comes_after(folder.format, *right.stand_in, *left.stand_in);
    });
    state.standings.insert(state.standings.begin(), std::make_move_iterator(below.begin()),
                           std::make_move_iterator(below.end()));
}

void mark_out_of_order(State& state) {
    bool later = false;
    for (auto at = state.standings.rbegin(); at != state.standings.rend(); ++at) {
        const bool versioned =
            at->migration != nullptr && at->migration->kind == Migration::Kind::Versioned;
        if (!versioned) continue;
        if (at->is == Is::Applied) later = true;
        if (at->is == Is::Pending && later) at->is = Is::OutOfOrder;
    }
}

}  // namespace

std::string_view word_for(const Standing& standing) {
    switch (standing.is) {
        case Is::Applied:
            return standing.file_is == Standing::File::Edited ? "edited" : "applied";
        case Is::Pending: return "pending";
        case Is::OutOfOrder: return "left out";
        case Is::Changed: return "changed";
        case Is::NoFile: return "no file";
        case Is::Baseline: return "baseline";
        case Is::Program: return "program";
    }
    return "";
}

std::string called(std::string_view version, std::string_view name) {
    std::string text(version);
    if (!version.empty() && !name.empty()) text += '_';
    return text.append(name);
}

const Standing* State::newest() const {
    // What has no file stands last, wherever it belongs.
    const Standing* found = nullptr;
    for (const Standing& one : standings) {
        const bool repeatable =
            one.migration != nullptr && one.migration->kind == Migration::Kind::Repeatable;
        if (!is_applied_by(one.is) || repeatable) continue;
        if (found == nullptr || !comes_after(format, migration_of(*found), migration_of(one)))
            found = &one;
    }
    return found;
}

bool State::is_applied(std::string_view key) const {
    return std::ranges::any_of(
        standings, [&](const Standing& one) { return one.key == key && is_applied_by(one.is); });
}

const Standing* State::floor() const {
    const auto found = std::find_if(standings.rbegin(), standings.rend(), [](const Standing& one) {
        return one.is == Is::Baseline;
    });
    return found == standings.rend() ? nullptr : &*found;
}

const Migration& migration_of(const Standing& standing) {
    return standing.migration != nullptr ? *standing.migration : *standing.stand_in;
}

Migration without_file(std::string key, std::string version, std::string name) {
    Migration made{.version = {.text = std::move(version), .parts = {}},
                   .name = std::move(name),
                   .description = {},
                   .key = std::move(key),
                   .up = {},
                   .down = {},
                   .irreversible_reason = {},
                   .digest = {},
                   .foreign_checksums = {}};
    std::string_view left = made.key;
    while (!left.empty()) {
        std::uint64_t part = 0;
        const auto [end, failed] = std::from_chars(left.data(), left.data() + left.size(), part);
        if (failed != std::errc()) break;
        made.version.parts.push_back(part);
        left.remove_prefix(static_cast<std::size_t>(end - left.data()));
        if (!left.starts_with('.')) break;
        left.remove_prefix(1);
    }
    while (made.version.parts.size() > 1 && made.version.parts.back() == 0)
        made.version.parts.pop_back();
    made.up.file = std::make_shared<const SourceFile>(
        SourceFile{.path = made.key, .text = {}, .digest = {}, .line_starts = {0}});
    return made;
}

bool comes_after(Format format, const Migration& left, const Migration& right) {
    // sql-migrate: names without a number come last.
    if (format == Format::SqlMigrate && left.version.parts.empty() != right.version.parts.empty())
        return left.version.parts.empty();
    const bool by_number = format != Format::Dbmate && format != Format::Diesel &&
                           !left.version.parts.empty() && !right.version.parts.empty();
    if (by_number && left.version.parts != right.version.parts)
        return left.version.parts > right.version.parts;
    return (!by_number || format == Format::SqlMigrate) && left.key > right.key;
}

std::vector<const CodeMigration*> programs_left(const State& state, const Folder& folder) {
    std::vector<const CodeMigration*> left;
    for (const CodeMigration& code : folder.code) {
        const bool done = std::ranges::any_of(state.standings, [&](const Standing& one) {
            return one.migration == nullptr && !code.version.parts.empty() &&
                   migration_of(one).version.parts == code.version.parts;
        });
        if (!done) left.push_back(&code);
    }
    return left;
}

std::vector<const CodeMigration*> programs_pending(const State& state, const Folder& folder) {
    const bool runs_them = folder.format == Format::Goose || folder.format == Format::Flyway;
    return runs_them ? programs_left(state, folder) : std::vector<const CodeMigration*>();
}

State look(Records& records, ToolHistory& tool, const Folder& folder) {
    State state;
    state.history = tool.table();
    state.format = folder.format;
    state.tool = tool.read();
    state.records = records.read();
    for (const Record& record : state.records) {
        if (record.open()) state.unfinished = record;
    }
    state.dirty_key = state.tool.dirty;
    const KnownByKey known = known_of(state.records);
    const AppliedKeys applied(state, known);
    for (const Migration& migration : folder.migrations) {
        // What has begun is neither: it is told apart, and goes first.
        const bool begun = (state.unfinished && state.unfinished->key == migration.key) ||
                           (!state.unfinished && state.dirty_key == migration.key);
        const bool is = applied(migration) && !begun;
        state.standings.push_back(standing_of(migration, is, state, known));
    }
    add_those_without_file(state, known, folder);
    mark_out_of_order(state);
    return state;
}

std::optional<std::uint32_t> first_changed_line(const Standing& standing) {
    if (!standing.record || !standing.record->text || standing.migration == nullptr)
        return std::nullopt;
    const std::string_view before = *standing.record->text;
    const std::string_view now = standing.migration->up.file->text;
    const auto [left, right] = std::ranges::mismatch(before, now);
    std::ignore = right;
    return 1 + static_cast<std::uint32_t>(std::ranges::count(before.begin(), left, '\n'));
}

}  // namespace drydock::migrate
