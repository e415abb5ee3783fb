#include "engine/migrate/state.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace drydock::migrate {
namespace {

using Is = Standing::Is;

bool is_applied_by(Is is) {
    return is == Is::Applied || is == Is::Changed || is == Is::NoFile;
}

// The newest record of each migration, unless that one took it back.
std::map<std::string, const Record*> newest_records(const std::vector<Record>& records) {
    std::map<std::string, const Record*> newest;
    for (const Record& record : records) {
        if (record.open()) continue;
        if (record.action == Record::Action::Down)
            newest.erase(record.key);
        else
            newest[record.key] = &record;
    }
    return newest;
}

// A tool that knows only the last one takes every file up to it for applied. One that came into the
// folder since, beneath some that Drydock has applied, is not: all others have a record.
class AppliedKeys {
  public:
    AppliedKeys(const State& state, const std::map<std::string, const Record*>& records)
        : state_(state), records_(records) {
        for (const std::string& key : state.tool.applied) keys_.insert(key);
        for (const auto& [key, record] : records) {
            if (record->action != Record::Action::Force) complete_from_ = true;
        }
    }

    [[nodiscard]] bool operator()(const Migration& migration) const {
        if (!state_.tool.there) return records_.contains(migration.key);
        if (!state_.tool.cumulative) return keys_.contains(migration.key);
        // golang-migrate marks a way down to nothing that failed by -1.
        if (keys_.empty() || keys_.begin()->starts_with('-')) return false;
        const std::uint64_t last = std::stoull(*keys_.rbegin());
        if (migration.version.number() > last) return false;
        return records_.contains(migration.key) ||
               !is_behind_records(migration.version.number(), last);
    }

  private:
    // Records beyond `last` do not count: the tool has taken those migrations back since.
    [[nodiscard]] bool is_behind_records(std::uint64_t number, std::uint64_t last) const {
        return complete_from_ && std::ranges::any_of(records_, [&](const auto& known) {
                   const std::uint64_t applied = std::stoull(known.first);
                   return known.second->action == Record::Action::Up && applied > number &&
                          applied <= last;
               });
    }

    const State& state_;
    const std::map<std::string, const Record*>& records_;
    std::set<std::string> keys_;
    bool complete_from_ = false;
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
                     const std::map<std::string, const Record*>& records) {
    Standing standing{.is = applied ? Is::Applied : Is::Pending,
                      .file_is = Standing::File::Unknown,
                      .migration = &migration,
                      .key = migration.key,
                      .version = migration.version.text,
                      .name = migration.name,
                      .record = {},
                      .at = {}};
    if (!applied) return standing;
    if (const auto found = records.find(standing.key); found != records.end())
        standing.record = *found->second;
    if (const auto found = state.tool.times.find(standing.key); found != state.tool.times.end())
        standing.at = found->second;
    standing.file_is = compare(standing, state);
    const bool again =
        migration.kind == Migration::Kind::Repeatable && standing.file_is != Standing::File::Same;
    if (again) standing.is = Is::Changed;
    return standing;
}

void add_those_without_file(State& state, const std::map<std::string, const Record*>& records,
                            const Folder& folder) {
    std::set<std::string> keys;
    for (const std::string& key : state.tool.applied) keys.insert(key);
    std::erase_if(keys, [](const std::string& key) { return key.starts_with('-'); });
    // Of a tool that knows only the last one our records tell the others.
    const auto known = [&](const std::string& key) {
        return state.tool.cumulative && !keys.empty() &&
               std::stoull(key) < std::stoull(*keys.begin());
    };
    std::vector<std::string> recorded;
    for (const auto& [key, record] : records) {
        if (!state.tool.there || known(key)) recorded.push_back(key);
    }
    keys.insert(recorded.begin(), recorded.end());
    for (const Migration& migration : folder.migrations) keys.erase(migration.key);
    for (const std::string& key : keys) {
        Standing standing;
        standing.is = Is::NoFile;
        standing.key = standing.version = key;
        if (const auto found = records.find(key); found != records.end()) {
            standing.record = *found->second;
            standing.version = found->second->version;
            standing.name = found->second->name;
        }
        state.standings.push_back(std::move(standing));
    }
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
    }
    return "";
}

std::string called(std::string_view version, std::string_view name) {
    std::string text(version);
    if (!version.empty() && !name.empty()) text += '_';
    return text.append(name);
}

const Standing* State::newest() const {
    for (auto at = standings.rbegin(); at != standings.rend(); ++at) {
        const bool repeatable =
            at->migration != nullptr && at->migration->kind == Migration::Kind::Repeatable;
        if (is_applied_by(at->is) && !repeatable) return &*at;
    }
    return nullptr;
}

bool State::is_applied(std::string_view key) const {
    return std::ranges::any_of(
        standings, [&](const Standing& one) { return one.key == key && is_applied_by(one.is); });
}

State look(Records& records, ToolHistory& tool, const Folder& folder) {
    State state;
    state.history = tool.table();
    state.tool = tool.read();
    state.records = records.read();
    for (const Record& record : state.records) {
        if (record.open()) state.unfinished = record;
    }
    state.dirty_key = state.tool.dirty;
    const auto newest = newest_records(state.records);
    const AppliedKeys applied(state, newest);
    for (const Migration& migration : folder.migrations) {
        // What has begun is neither: it is told apart, and goes first.
        const bool begun = (state.unfinished && state.unfinished->key == migration.key) ||
                           (!state.unfinished && state.dirty_key == migration.key);
        const bool is = applied(migration) && !begun;
        state.standings.push_back(standing_of(migration, is, state, newest));
    }
    add_those_without_file(state, newest, folder);
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
