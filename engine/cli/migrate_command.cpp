// migrate up, down, to: runs of the shipped runbooks `migrate` and `migrate-sqlite`.
// migrate status: looks only.

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "engine/cli/commands.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/no_observer.h"
#include "engine/cli/text.h"
#include "engine/migrate/choose.h"
#include "engine/migrate/folder.h"
#include "engine/sql/open.h"

namespace drydock::cli {
namespace {

constexpr Microseconds kPatience{5'000'000};

std::string param(const Arguments& arguments, std::string_view name) {
    const std::string prefix = std::string(name) + "=";
    for (const std::string& given : arguments.params) {
        if (given.starts_with(prefix)) return given.substr(prefix.size());
    }
    return {};
}

// What `-p database` names decides: a file, or a database of a server.
Arguments for_runbook(const Arguments& arguments, const std::string& to) {
    Arguments changed = arguments;
    std::error_code ignored;
    const std::string database = param(arguments, "database");
    const bool server = !param(arguments, "host").empty();
    const bool file = !server && (std::filesystem::is_regular_file(database, ignored) ||
                                  database.find('/') != std::string::npos ||
                                  database.ends_with(".db") || database.ends_with(".sqlite"));
    // Beside the working folder, not beside the runbook that the program carries.
    for (std::string& given : changed.params) {
        if (given.starts_with("folder="))
            given = "folder=" + std::filesystem::absolute(given.substr(7), ignored).string();
    }
    changed.subjects = {file ? "migrate-sqlite" : "migrate"};
    if (!to.empty()) changed.params.push_back("to=" + to);
    return changed;
}

std::int64_t count_of(const std::string& text) {
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed == std::errc() && end == text.data() + text.size() && count > 0) return count;
    throw Error(ErrorCode::Usage, "`" + text + "` is no number of migrations",
                "a number from 1; `drydock migrate to` takes a version");
}

// How the migrations of a folder stand in a database, for somebody who looks.
class Standings {
  public:
    Standings(Assembly& assembly, const Arguments& arguments) {
        const execute::StartOptions options = start_options(assembly, for_runbook(arguments, ""));
        NoObserver observer;
        open(assembly.looking_engine(observer), options);
        read(options);
        tool_ = migrate::tool_history(*database_, folder_, {.table = param(arguments, "table")});
        records_.emplace(*database_, tool_->table());
        state_ = migrate::look(*records_, *tool_, folder_);
    }

    [[nodiscard]] const migrate::State& state() const { return state_; }
    [[nodiscard]] const migrate::Folder& folder() const { return folder_; }

  private:
    void open(execute::Engine& engine, const execute::StartOptions& options) {
        const auto servers = execute::postgres_targets(engine, options);
        if (const auto found = servers.find("main"); found != servers.end()) {
            sql::PostgresSettings settings = found->second;
            settings.read_only = true;
            database_ = sql::open_postgres(settings);
            return;
        }
        const auto files = execute::sqlite_targets(engine, options);
        const auto found = files.find("main");
        if (found == files.end() || found->second.path.empty())
            throw Error(ErrorCode::NotFound,
                        found == files.end() ? "no database was named" : found->second.why,
                        "-p database=NAME, or the path of a file");
        database_ = sql::open_sqlite(
            {.path = found->second.path, .read_only = true, .busy_timeout = kPatience});
    }

    void read(const execute::StartOptions& options) {
        const Value* named = options.params.member("folder");
        const std::string path = named == nullptr ? std::string() : to_text(*named);
        migrate::ReadOptions how;
        how.dialect = database_->dialect();
        migrate::ReadResult result = migrate::read_folder(path, how);
        if (!result.folder) {
            const runbook::Diagnostic& first = result.problems.front();
            throw Error(ErrorCode::Document, runbook::to_text(first), first.hint);
        }
        folder_ = std::move(*result.folder);
    }

    migrate::Folder folder_;
    std::unique_ptr<sql::Database> database_;
    std::unique_ptr<migrate::ToolHistory> tool_;
    std::optional<migrate::Records> records_;
    migrate::State state_;
};

std::string_view word_for(const migrate::Standing& one) {
    using Is = migrate::Standing::Is;
    if (one.is == Is::Applied && one.file_is == migrate::Standing::File::Edited) return "edited";
    switch (one.is) {
        case Is::Applied: return "applied";
        case Is::Pending: return "pending";
        case Is::OutOfOrder: return "left out";
        case Is::Changed: return "changed";
        case Is::NoFile: return "no file";
    }
    return "";
}

Value::Map to_map(const migrate::Standing& one) {
    Value::Map map{{"version", one.version.empty() ? one.key : one.version},
                   {"name", one.name},
                   {"is", word_for(one)}};
    if (one.record) {
        map.emplace("by", one.record->who);
        map.emplace("run", one.record->run);
        if (one.record->ended) map.emplace("at", *one.record->ended);
    }
    return map;
}

void print(Output& output, const Standings& standings) {
    const migrate::State& state = standings.state();
    const migrate::Standing* newest = state.newest();
    output.line(output.styled(Style::Bold, state.history) + "  " +
                std::string(migrate::format_name(standings.folder().format)) + ", at " +
                (newest == nullptr ? "nothing" : newest->version));
    for (const migrate::Standing& one : state.standings) {
        const std::string word(word_for(one));
        const Style style = word == "applied"   ? Style::Green
                            : word == "pending" ? Style::Yellow
                                                : Style::Red;
        const bool known = one.record && one.record->ended;
        const std::string when =
            known ? to_text(*one.record->ended).substr(0, 16) + "  " + one.record->who : one.at;
        output.line("  " + output.styled(style, padded(word, 9)) + " " +
                    padded(one.version.empty() ? one.key : one.version, 16) + " " +
                    fitted(one.name + (when.empty() ? "" : "  " + when), output.width() - 29));
    }
    if (state.unfinished) {
        output.line(output.styled(Style::Red, "unfinished") + "  " + state.unfinished->version +
                    ": " + std::to_string(state.unfinished->parts_done) + " of " +
                    std::to_string(state.unfinished->parts) +
                    " parts are done; migrate up goes on with it");
    } else if (state.dirty_key) {
        output.line(output.styled(Style::Red, "dirty") + "  " + *state.dirty_key +
                    ": another tool began it and did not end it");
    }
}

}  // namespace

int migrate_up_command(Assembly& assembly, const Arguments& arguments) {
    const std::string to = arguments.subjects.empty()
                               ? "head"
                               : "+" + std::to_string(count_of(arguments.subjects.front()));
    return run_command(assembly, for_runbook(arguments, to));
}

int migrate_down_command(Assembly& assembly, const Arguments& arguments) {
    const std::int64_t count =
        arguments.subjects.empty() ? 1 : count_of(arguments.subjects.front());
    const std::string to = "-" + std::to_string(count);
    if (!arguments.yes) {
        const Standings standings(assembly, arguments);
        std::string names;
        for (const migrate::Passage& one :
             choose(standings.state(), standings.folder(), migrate::Steps{-count}, {}))
            names += (names.empty() ? "" : ", ") + one.migration->version.text + "_" +
                     one.migration->name;
        throw Error(ErrorCode::Refused, "this takes back " + names + ", with what is in them",
                    "say --yes to do it");
    }
    return run_command(assembly, for_runbook(arguments, to));
}

int migrate_to_command(Assembly& assembly, const Arguments& arguments) {
    return run_command(assembly, for_runbook(arguments, arguments.subjects.front()));
}

int migrate_status_command(Assembly& assembly, const Arguments& arguments) {
    const Standings standings(assembly, arguments);
    const migrate::State& state = standings.state();
    Output& output = assembly.output();
    const bool clean = !state.unfinished && !state.dirty_key &&
                       std::ranges::all_of(state.standings, [](const auto& one) {
                           return word_for(one) == "applied";
                       });
    if (!output.json()) {
        print(output, standings);
        return clean ? 0 : exit_status(ErrorCode::Check);
    }
    Value::List all;
    for (const migrate::Standing& one : state.standings) all.emplace_back(to_map(one));
    const migrate::Standing* newest = state.newest();
    output.json_line(
        Value::Map{{"history", state.history},
                   {"format", migrate::format_name(standings.folder().format)},
                   {"version", newest == nullptr ? std::string() : newest->version},
                   {"unfinished", state.unfinished ? Value(state.unfinished->version) : Value()},
                   {"dirty", state.dirty_key ? Value(*state.dirty_key) : Value()},
                   {"migrations", std::move(all)}});
    return clean ? 0 : exit_status(ErrorCode::Check);
}

}  // namespace drydock::cli
