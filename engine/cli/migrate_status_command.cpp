// migrate status, check, validate: look only.

#include <algorithm>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/migrate_remarks.h"
#include "engine/cli/text.h"
#include "engine/cli/unfinished_text.h"
#include "engine/migrate/validate.h"

namespace drydock::cli {
namespace {

using migrate::Standing;

constexpr std::size_t kVersionWidth = 16;

std::string version_of(const Standing& one) {
    return one.version.empty() ? one.key : one.version;
}

Value::Map to_map(const Standing& one) {
    Value::Map map{{"version", version_of(one)}, {"name", one.name}, {"is", word_for(one)}};
    if (one.record) {
        map.emplace("by", one.record->who);
        map.emplace("run", one.record->run);
        if (one.record->ended) map.emplace("at", *one.record->ended);
    }
    return map;
}

std::string newest_version(const migrate::State& state) {
    const Standing* newest = state.newest();
    return newest == nullptr ? std::string() : newest->version;
}

std::vector<std::string> pending(const migrate::State& state, const migrate::Folder& folder) {
    std::vector<std::string> names;
    for (const Standing& one : state.standings) {
        if (one.is == Standing::Is::Pending || one.is == Standing::Is::OutOfOrder ||
            one.is == Standing::Is::Changed)
            names.push_back(migrate::called(one.version, one.name));
    }
    for (const migrate::CodeMigration* one : programs_pending(state, folder))
        names.push_back(one->path + " (a program, for its own tool)");
    return names;
}

void print_standing(Output& output, const Standing& one) {
    const std::string word(word_for(one));
    const bool fine = word == "applied" || word == "baseline" || word == "program";
    const Style style = fine                ? Style::Green
                        : word == "pending" ? Style::Yellow
                                            : Style::Red;
    const bool known = one.record && one.record->ended;
    const std::string when =
        known ? to_text(*one.record->ended).substr(0, 16) + "  " + one.record->who : one.at;
    output.line("  " + output.styled(style, padded(word, 9)) + " " +
                padded(version_of(one), kVersionWidth) + " " +
                fitted(one.name + (when.empty() ? "" : "  " + when), output.width() - 29));
}

std::string at_version(const migrate::State& state) {
    const std::string version = newest_version(state);
    return "at " + (version.empty() ? "nothing" : version);
}

void print(Output& output, const MigratePlace& place,
           const std::optional<migrate::Unfinished>& unfinished) {
    const migrate::State& state = place.state();
    output.line(output.styled(Style::Bold, state.history) + "  " +
                std::string(migrate::format_name(place.folder().format)) + ", " +
                at_version(state));
    for (const Standing& one : state.standings) print_standing(output, one);
    if (unfinished) print_unfinished(output, *unfinished);
    print_remarks(output, place.folder(), state);
}

Value::List to_list(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

}  // namespace

int migrate_status_command(Assembly& assembly, const Arguments& arguments) {
    MigratePlace place(assembly, arguments);
    const migrate::State& state = place.state();
    const auto unfinished = look_at_unfinished(place.database(), state, place.folder());
    Output& output = assembly.output();
    const bool clean = !state.unfinished && !state.dirty_key &&
                       std::ranges::all_of(state.standings, [](const Standing& one) {
                           return word_for(one) == "applied" || one.is == Standing::Is::Baseline ||
                                  one.is == Standing::Is::Program;
                       }) &&
                       programs_pending(state, place.folder()).empty();
    const int exit = clean ? 0 : exit_status(ErrorCode::Check);
    if (!output.json()) {
        print(output, place, unfinished);
        return exit;
    }
    Value::List all;
    for (const Standing& one : state.standings) all.emplace_back(to_map(one));
    Value::Map map{{"history", state.history},
                   {"format", migrate::format_name(place.folder().format)},
                   {"version", newest_version(state)},
                   {"unfinished", state.unfinished ? Value(state.unfinished->version) : Value()},
                   {"dirty", state.dirty_key ? Value(*state.dirty_key) : Value()},
                   {"begun", to_value(unfinished)},
                   {"migrations", std::move(all)}};
    add_remarks(map, place.folder());
    output.json_line(std::move(map));
    return exit;
}

int migrate_check_command(Assembly& assembly, const Arguments& arguments) {
    const MigratePlace place(assembly, arguments);
    const migrate::State& state = place.state();
    const std::vector<std::string> names = pending(state, place.folder());
    const std::vector<std::string> wrong = contradictions(state);
    Output& output = assembly.output();
    if (output.json()) {
        output.json_line(Value::Map{{"history", state.history},
                                    {"version", newest_version(state)},
                                    {"pending", to_list(names)},
                                    {"wrong", to_list(wrong)}});
    } else {
        output.line(state.history + ": " + at_version(state) + ", " +
                    (names.empty()
                         ? "nothing pending"
                         : std::to_string(names.size()) + " pending, next " + names.front()));
        for (const std::string& one : wrong) output.line(output.styled(Style::Red, one));
    }
    return names.empty() && wrong.empty() ? 0 : exit_status(ErrorCode::Check);
}

int migrate_validate_command(Assembly& assembly, const Arguments& arguments) {
    const MigratePlace place(assembly, arguments);
    const migrate::State& state = place.state();
    const std::vector<std::string> wrong = contradictions(state);
    Output& output = assembly.output();
    if (output.json()) {
        output.json_line(Value::Map{{"history", state.history},
                                    {"version", newest_version(state)},
                                    {"wrong", to_list(wrong)}});
    } else {
        for (const std::string& one : wrong) output.line(output.styled(Style::Red, one));
        if (wrong.empty())
            output.line(state.history + ": " + at_version(state) + ", all files are as applied");
    }
    return wrong.empty() ? 0 : exit_status(ErrorCode::Check);
}

}  // namespace drydock::cli
