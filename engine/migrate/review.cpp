#include "engine/migrate/review.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/check.h"

namespace drydock::migrate {
namespace {

constexpr Rule kUnusedWaiver{
    .name = "unused-waiver",
    .level = Level::Warning,
    .where = Where::Both,
    .summary = "a waiver that passes over nothing",
    .why = "It stands at the wrong statement, or what it allowed is no longer there. Left alone it "
           "would allow the next such thing without anybody's consent.",
    .bad = R"(-- drydock: allow drop-column nobody reads it
create table tags (id bigint primary key);
)",
    .good = R"(-- drydock: allow drop-column nobody reads it
alter table users drop column nickname;
)"};
constexpr Rule kUnknownRule{
    .name = "unknown-rule",
    .level = Level::Warning,
    .where = Where::Both,
    .summary = "a waiver for a rule that does not exist",
    .why = "Its name is misspelt, so what it was to allow is told all the same.",
    .bad = R"(-- drydock: allow drop-colum nobody reads it
alter table users drop column nickname;
)",
    .good = R"(-- drydock: allow drop-column nobody reads it
alter table users drop column nickname;
)"};
constexpr std::array kWaiverRules{&kUnusedWaiver, &kUnknownRule};

const std::vector<RuleGroup>& groups() {
    static const std::vector<RuleGroup> kGroups{
        lock_rules(),    constraint_rules(), rewrite_rules(), break_rules(),  transaction_rules(),
        reverse_rules(), type_rules(),       habit_rules(),   sqlite_rules(),
        {.rules = kWaiverRules}};
    return kGroups;
}

std::optional<std::pair<int, int>> version_from(std::string_view text) {
    const char* const end = text.data() + text.size();
    std::pair<int, int> version{0, 0};
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ec != std::errc()) return std::nullopt;
    if (major.ptr != end && *major.ptr == '.')
        std::from_chars(major.ptr + 1, end, version.second);
    return version;
}

bool applies(const Rule& rule, sql::Dialect dialect) {
    return rule.where == Where::Both ||
           (rule.where == Where::Postgres) == (dialect == sql::Dialect::Postgres);
}

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
}

// The statement that a waiver in `line` is for; null when none comes after it.
const Statement* waived_by(const Script& script, std::uint32_t line) {
    for (const Statement& statement : script.statements) {
        if (statement.place.line >= line) return &statement;
    }
    return nullptr;
}

void look(Review& review, const Migration& migration, const Script& script, bool down) {
    const Scene scene = scene_of(migration, script, down);
    review.look_at(scene);
    for (std::size_t i = 0; i < scene.deeds.size() && !down; ++i) {
        review.look_at(i);
        for (const RuleGroup& group : groups()) {
            if (group.statement != nullptr) group.statement(review);
        }
        review.remember();
    }
    for (const RuleGroup& group : groups()) {
        if (group.script != nullptr) group.script(review);
    }
    review.end_scene();
}

}  // namespace

Scene scene_of(const Migration& migration, const Script& script, bool down) {
    Scene scene{
        .migration = migration, .script = script, .down = down, .deeds = {}, .alters = {}};
    scene.deeds.reserve(script.statements.size());
    for (const Statement& statement : script.statements) {
        scene.deeds.push_back(deed_of(statement.tokens));
        if (scene.deeds.back().kind == Deed::Kind::AlterTable)
            scene.alters.push_back(scene.deeds.size() - 1);
    }
    return scene;
}

void pass(Review& review, const Scene& scene) {
    review.look_at(scene);
    for (std::size_t i = 0; i < scene.deeds.size(); ++i) {
        review.look_at(i);
        review.remember();
    }
}

Cost cost_now(Review& review) {
    for (const RuleGroup& group : groups()) {
        if (group.statement != nullptr) group.statement(review);
    }
    return review.take_cost();
}

Value to_value(const Finding& finding) {
    return Value::Map{{"rule", finding.rule},
                      {"level", level_name(finding.level)},
                      {"file", finding.file},
                      {"line", static_cast<std::int64_t>(finding.place.line)},
                      {"column", static_cast<std::int64_t>(finding.place.column)},
                      {"message", finding.message},
                      {"hint", finding.hint}};
}

std::string_view level_name(Level level) {
    switch (level) {
        case Level::Error: return "error";
        case Level::Warning: return "warning";
        case Level::Info: return "info";
    }
    CHECK(false);
}

std::span<const Rule* const> rules() {
    static const std::vector<const Rule*> kAll = [] {
        std::vector<const Rule*> all;
        for (const RuleGroup& group : groups())
            all.insert(all.end(), group.rules.begin(), group.rules.end());
        return all;
    }();
    return kAll;
}

const Rule* find_rule(std::string_view name) {
    const auto name_of = [](const Rule* rule) { return rule->name; };
    const auto found = std::ranges::find(rules(), name, name_of);
    return found == rules().end() ? nullptr : *found;
}

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

std::vector<Finding> lint(const Folder& folder, const LintOptions& options) {
    Review review(folder, options);
    for (std::size_t i = 0; i < folder.migrations.size(); ++i) {
        const Migration& migration = folder.migrations[i];
        if (!options.from || i == *options.from) review.begin_plan();
        if (options.from && i < *options.from) {
            pass(review, scene_of(migration, migration.up, false));
            continue;
        }
        look(review, migration, migration.up, false);
        if (migration.down) look(review, migration, *migration.down, true);
    }
    return review.finish();
}

Review::Review(const Folder& folder, const LintOptions& options)
    : folder_(folder), options_(options), version_(version_from(options.server_version)) {}

bool Review::is_before(int major, int minor) const {
    return version_ && *version_ < std::pair(major, minor);
}
bool Review::is_since(int major, int minor) const {
    return version_ && *version_ >= std::pair(major, minor);
}

bool Review::is_new(std::string_view table) const { return made_.tables.contains(table); }

bool Review::weighs(std::string_view table) {
    const auto made = made_.tables.find(table);
    if (made != made_.tables.end()) {
        if (made->second != &scene_->script) hush();
        return false;
    }
    const auto size = options_.sizes.find(table);
    if (size == options_.sizes.end() || size->second.bytes >= options_.small_bytes) return true;
    hush();
    return false;
}

bool Review::has_rows(std::string_view table) {
    const auto made = made_.tables.find(table);
    if (made != made_.tables.end()) {
        if (made->second != &scene_->script) hush();
        return false;
    }
    const auto size = options_.sizes.find(table);
    if (size == options_.sizes.end() || size->second.bytes > 0) return true;
    hush();
    return false;
}

std::string Review::size_of(std::string_view table) const {
    const auto size = options_.sizes.find(table);
    if (size == options_.sizes.end()) return {};
    const std::int64_t mib = size->second.bytes >> 20;
    const bool counted = size->second.rows >= 0;
    return " (" + (counted ? grouped(size->second.rows) + " rows, " : std::string()) +
           (mib > 0 ? grouped(mib) + " MiB)" : grouped(size->second.bytes) + " bytes)");
}

void Review::tell(const Rule& rule, const sql::Token* at, std::string message, std::string hint) {
    const Statement& where = statement();
    const std::string& text = scene_->script.file->text;
    runbook::Place place = where.place;
    // Where variables were replaced, only the statement has a place in the file.
    if (at != nullptr && at->text.data() >= text.data() &&
        at->text.data() < text.data() + text.size())
        place = scene_->script.file->place_of(
            static_cast<std::size_t>(at->text.data() - text.data()));
    told_.push_back({.finding = {.rule = rule.name,
                                 .level = rule.level,
                                 .file = scene_->script.file->path,
                                 .place = place,
                                 .message = std::move(message),
                                 .hint = std::move(hint)},
                     .statement = &where});
}

void Review::tell_of_file(const Rule& rule, std::string message, std::string hint) {
    told_.push_back({.finding = {.rule = rule.name,
                                 .level = rule.level,
                                 .file = scene_->script.file->path,
                                 .place = {.line = scene_->script.first_line, .column = 1},
                                 .message = std::move(message),
                                 .hint = std::move(hint)}});
}

void Review::look_at(const Scene& scene) {
    scene_ = &scene;
    index_ = 0;
}

void Review::remember() {
    const Deed& done = deed();
    if (done.kind == Deed::Kind::CreateTable) {
        remember_table(done);
    } else if (done.kind == Deed::Kind::CreateIndex && !done.name.empty()) {
        made_.indexes[done.name] = done.table;
    } else if (done.kind == Deed::Kind::Create && done.object == "materialized view") {
        made_.tables.emplace(done.name, &scene_->script);
    } else if (done.kind == Deed::Kind::AlterTable) {
        remember_actions(done);
    } else if (done.kind == Deed::Kind::Drop) {
        for (const std::string& name : done.names) {
            if (done.object == "index") made_.indexes.erase(name);
            if (done.object != "table") continue;
            made_.tables.erase(name);
            made_.columns.erase(name);
            std::erase_if(made_.indexes, [&](const auto& one) { return one.second == name; });
        }
    }
}

void Review::remember_table(const Deed& done) {
    // `if not exists` may find an older one, with rows.
    if (!done.unless || !made_.columns.contains(done.name))
        made_.tables.emplace(done.name, &scene_->script);
    auto& columns = made_.columns[done.name];
    for (const Column& column : done.columns) columns[column.name] = column.type;
}

void Review::remember_actions(const Deed& done) {
    using Kind = Action::Kind;
    for (const Action& action : done.actions) {
        const std::pair key(done.table, action.name);
        if (action.kind == Kind::AddColumn || action.kind == Kind::SetType) {
            made_.columns[done.table][action.name] = action.column.type;
        } else if (action.kind == Kind::DropColumn) {
            made_.columns[done.table].erase(action.name);
        } else if (action.kind == Kind::RenameColumn) {
            auto moved = made_.columns[done.table].extract(action.name);
            if (moved.empty()) continue;
            moved.key() = action.column.name;
            made_.columns[done.table].insert(std::move(moved));
        } else if (action.kind == Kind::RenameTable) {
            if (auto moved = made_.columns.extract(done.table)) {
                moved.key() = action.name;
                made_.columns.insert(std::move(moved));
            }
            if (auto moved = made_.tables.extract(done.table)) {
                moved.key() = action.name;
                made_.tables.insert(std::move(moved));
            }
            for (auto& [index, table] : made_.indexes) {
                if (table == done.table) table = action.name;
            }
        } else if (action.kind == Kind::AddConstraint && !action.constraint.never_null.empty()) {
            if (action.constraint.not_valid) made_.unproven[key] = action.constraint.never_null;
            else made_.never_null.emplace(done.table, action.constraint.never_null);
        } else if (action.kind == Kind::ValidateConstraint && made_.unproven.contains(key)) {
            made_.never_null.emplace(done.table, made_.unproven[key]);
        }
    }
}

Cost Review::take_cost() {
    Cost most = Cost::None;
    for (const Told& one : told_) most = std::max(most, find_rule(one.finding.rule)->cost);
    told_.clear();
    hushed_.clear();
    return most;
}

void Review::end_scene() {
    const Script& script = scene_->script;
    std::vector<Finding> own;
    for (const Waiver& waiver : script.waivers) {
        const Rule* const rule = find_rule(waiver.rule);
        const Statement* const statement = waived_by(script, waiver.line);
        const auto passed = std::erase_if(told_, [&](const Told& one) {
            return one.finding.rule == waiver.rule &&
                   (one.statement == nullptr ||
                    (statement != nullptr &&
                     one.statement->place.line == statement->place.line));
        });
        Finding told{.rule = rule == nullptr ? kUnknownRule.name : kUnusedWaiver.name,
                     .level = Level::Warning,
                     .file = script.file->path,
                     .place = {.line = waiver.line, .column = 1},
                     .message = {},
                     .hint = "take it away, or put it on the line above what it allows"};
        if (rule == nullptr) {
            std::vector<std::string> names;
            for (const Rule* const one : rules()) names.emplace_back(one->name);
            const std::string near = runbook::did_you_mean(waiver.rule, names);
            told.message = "there is no rule " + quoted(waiver.rule);
            if (!near.empty()) told.hint = "did you mean " + near + "?";
            own.push_back(std::move(told));
        } else if (passed == 0 && !hushed_.contains(statement) &&
                   applies(*rule, options_.dialect) && !rule->optional) {
            told.message = "it allows " + waiver.rule + ", which is not there";
            own.push_back(std::move(told));
        }
    }
    for (Told& one : told_) own.push_back(std::move(one.finding));
    std::ranges::stable_sort(own, {}, [](const Finding& one) {
        return std::pair(one.place.line, one.place.column);
    });
    std::ranges::move(own, std::back_inserter(findings_));
    told_.clear();
    hushed_.clear();
}

std::vector<Finding> Review::finish() { return std::move(findings_); }

}  // namespace drydock::migrate
