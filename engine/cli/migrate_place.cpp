#include "engine/cli/migrate_place.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "engine/cli/database_url.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/no_observer.h"
#include "engine/json/json.h"
#include "engine/migrate/home_grown.h"
#include "engine/clock.h"
#include "engine/sql/open.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

constexpr Microseconds kPatience{5'000'000};
constexpr Microseconds kPause{2'000'000};  // between two attempts to connect
constexpr std::string_view kUsualFolder = "migrations";

std::string param(const Arguments& arguments, std::string_view name) {
    const std::string prefix = std::string(name) + "=";
    for (const std::string& given : arguments.params) {
        if (given.starts_with(prefix)) return given.substr(prefix.size());
    }
    return {};
}

void add(Arguments& arguments, const std::string& name, const std::string& value) {
    arguments.params.push_back(name + "=" + value);
}

bool is_file(const std::string& database) {
    std::error_code ignored;
    return fs::is_regular_file(database, ignored) || database.find('/') != std::string::npos ||
           database.ends_with(".db") || database.ends_with(".sqlite");
}

// A postgres:// URL as params of the runbook.
void add_server(Arguments& arguments, const std::string& url) {
    config::Variables words = variables_of_url(url);
    if (words.contains("POSTGRES_PASSWORD")) {
        throw Error(ErrorCode::Usage,
                    "a password on the command line can be read by everybody on this machine",
                    "give the URL in DATABASE_URL, or the password in POSTGRES_PASSWORD");
    }
    for (const auto& [variable, name] : {std::pair{"POSTGRES_HOST", "host"},
                                         {"POSTGRES_PORT", "port"},
                                         {"POSTGRES_DB", "database"},
                                         {"POSTGRES_USER", "user"},
                                         {"POSTGRES_SSLMODE", "tls"}}) {
        if (const auto said = words.find(variable); said != words.end())
            add(arguments, name, said->second);
    }
}

void refuse_none(Assembly& assembly) {
    if (assembly.variables().contains("POSTGRES_DB")) return;
    const config::Environment* environment = assembly.environment();
    const bool by_environment =
        environment != nullptr && std::ranges::any_of(environment->params, [](const auto& one) {
            return one.first == "database";
        });
    if (by_environment) return;
    throw Error(ErrorCode::Usage, "no database was named",
                "--database FILE, NAME or postgres://USER@HOST/NAME, or set DATABASE_URL");
}

// Adds what names the database; true for a file.
bool settle_database(Assembly& assembly, Arguments& arguments) {
    const std::string given = param(arguments, "database");
    if (!given.empty()) return param(arguments, "host").empty() && is_file(given);
    std::string named = arguments.migrations.database;
    if (is_server_url(named)) {
        add_server(arguments, named);
        return false;
    }
    const bool from_variable = named.empty();
    if (from_variable) {
        const auto variable = assembly.variables().find("DATABASE_URL");
        if (variable != assembly.variables().end()) named = variable->second;
        if (is_server_url(named)) refuse_contradicted_url(named, assembly.variables());
        if (file_of_url(named).empty()) {
            refuse_none(assembly);
            return false;
        }
    }
    const std::string file = file_of_url(named);
    add(arguments, "database", file.empty() ? named : file);
    return !file.empty() || (param(arguments, "host").empty() && is_file(named));
}

// Tries again, as a run would, while the server is not there.
std::unique_ptr<sql::Database> open_server(const sql::PostgresSettings& settings,
                                           Microseconds wait) {
    const Clock& clock = system_clock();
    const Microseconds until = clock.boot() + wait;
    for (;;) {
        try {
            return sql::open_postgres(settings);
        } catch (const Error& error) {
            const bool may_come =
                error.code() == ErrorCode::Connection || error.code() == ErrorCode::Timeout;
            if (!may_come || clock.boot() + kPause > until) throw;
        }
        std::this_thread::sleep_for(kPause);
    }
}

// Those of the settings, and those of the command line, which say otherwise.
Value::Map variables_of(Assembly& assembly, const Arguments& arguments) {
    Value::Map all;
    const auto take = [&](const Value& some) {
        const auto* map = some.find<Value::Map>();
        if (map == nullptr) return;
        for (const auto& [name, value] : *map) all.insert_or_assign(name, value);
    };
    take(assembly.settings().migrations.variables);
    if (const std::string given = param(arguments, "variables"); !given.empty()) {
        try {
            take(json::parse(given));
        } catch (const Error& error) {
            throw Error(ErrorCode::Usage, "the param variables: " + error.message(),
                        "--variable NAME=VALUE, for each of them");
        }
    }
    for (const std::string& one : arguments.migrations.variables) {
        const std::size_t equals = one.find('=');
        if (equals == 0 || equals == std::string::npos) {
            throw Error(ErrorCode::Usage, "`" + one + "` gives no variable a value",
                        "--variable NAME=VALUE");
        }
        all.insert_or_assign(one.substr(0, equals), one.substr(equals + 1));
    }
    return all;
}

// A run would only say that a source of its runbook is missing.
void refuse_missing(const std::string& folder) {
    std::error_code failed;
    if (fs::exists(folder, failed) || failed) return;
    throw Error(ErrorCode::NotFound, "there is no folder " + folder,
                "--folder, or `folder` of `migrations` in drydock.yaml, names the migrations; "
                "drydock migrate create makes the first one");
}

}  // namespace

std::string migrations_folder(Assembly& assembly, const Arguments& arguments) {
    if (!arguments.migrations.folder.empty()) return arguments.migrations.folder;
    const std::string given = param(arguments, "folder");
    if (!given.empty()) return given;
    const std::string& usual = assembly.settings().migrations.folder;
    return usual.empty() ? std::string(kUsualFolder) : usual;
}

std::string migrations_format(Assembly& assembly, const Arguments& arguments) {
    if (!arguments.migrations.format.empty()) return arguments.migrations.format;
    const std::string given = param(arguments, "format");
    return given.empty() ? assembly.settings().migrations.format : given;
}

Arguments migration_run(Assembly& assembly, const Arguments& arguments, std::string_view runbook) {
    Arguments run = arguments;
    // Beside the working folder, not beside the runbook that the program carries.
    refuse_missing(migrations_folder(assembly, arguments));
    const std::string folder = fs::absolute(migrations_folder(assembly, arguments)).string();
    std::erase_if(run.params, [](const std::string& one) {
        return one.starts_with("folder=") || one.starts_with("format=") ||
               one.starts_with("variables=");
    });
    add(run, "folder", folder);
    if (const std::string format = migrations_format(assembly, arguments); !format.empty())
        add(run, "format", format);
    if (Value::Map variables = variables_of(assembly, arguments); !variables.empty())
        add(run, "variables", json::write(Value(std::move(variables))));
    // --table names another one than the settings: that of a tool.
    const config::Migrations& settings = assembly.settings().migrations;
    const bool named = !arguments.migrations.table.empty() || !param(run, "table").empty();
    if (!arguments.migrations.table.empty()) add(run, "table", arguments.migrations.table);
    if (!named && !settings.table.empty()) add(run, "table", settings.table);
    if (!named && !settings.home_grown.is_null())
        add(run, "home_grown", json::write(settings.home_grown));
    // A file is there, or it is not.
    const bool file = settle_database(assembly, run);
    if (!arguments.migrations.wait.empty() && !file) add(run, "wait", arguments.migrations.wait);
    if (arguments.migrations.skip_backup) add(run, "backup", "false");
    if (arguments.migrations.out_of_order) add(run, "out_of_order", "true");
    run.subjects = {std::string(runbook) + (file ? "-sqlite" : "")};
    return run;
}

namespace {

migrate::ToolSettings tool_settings(const Value& params, const std::string& table) {
    migrate::ToolSettings tool{.table = table};
    const Value* home_grown = params.member("home_grown");
    if (home_grown != nullptr && !home_grown->is_null())
        tool.home_grown = migrate::home_grown_from(*home_grown);
    return tool;
}

}  // namespace

DatabaseAddress migrations_database(Assembly& assembly, const Arguments& arguments) {
    const Arguments run = migration_run(assembly, arguments, "migrate");
    const execute::StartOptions options = start_options(assembly, run);
    NoObserver observer;
    execute::Engine& engine = assembly.looking_engine(observer);
    DatabaseAddress address;
    address.tool = tool_settings(options.params, param(run, "table"));
    const auto servers = execute::postgres_targets(engine, options);
    if (const auto found = servers.find("main"); found != servers.end()) {
        address.server = found->second;
        const Value* wait = options.params.member("wait");
        const auto* given = wait == nullptr ? nullptr : wait->find<Duration>();
        if (given != nullptr) address.wait = given->length;
        return address;
    }
    const auto files = execute::sqlite_targets(engine, options);
    const auto found = files.find("main");
    if (found == files.end() || found->second.path.empty()) {
        throw Error(ErrorCode::NotFound,
                    found == files.end() ? "no database was named" : found->second.why,
                    "--database NAME, the path of a file, or a URL");
    }
    address.file = found->second.path;
    return address;
}

migrate::Folder read_migrations(Assembly& assembly, const Arguments& arguments,
                                sql::Dialect dialect) {
    const std::string path = migrations_folder(assembly, arguments);
    const std::string format = migrations_format(assembly, arguments);
    migrate::ReadOptions how;
    how.dialect = dialect;
    if (!format.empty()) how.format = migrate::format_named(format);
    for (const auto& [name, value] : variables_of(assembly, arguments))
        how.variables.emplace(name, to_text(value));
    migrate::ReadResult result = migrate::read_folder(path, how);
    if (result.folder) return std::move(*result.folder);
    assembly.output().diagnostics(result.problems);
    const std::size_t count = result.problems.size();
    throw Error(ErrorCode::Document,
                path + ": " + std::to_string(count) + (count == 1 ? " error" : " errors"),
                "mend what is listed above; docs/migrations.md says what is read");
}

MigratePlace::MigratePlace(Assembly& assembly, const Arguments& arguments)
    : address_(migrations_database(assembly, arguments)) {
    if (address_.server) {
        sql::PostgresSettings settings = *address_.server;
        settings.read_only = true;
        database_ = open_server(settings, address_.wait);
    } else {
        database_ =
            sql::open_sqlite({.path = address_.file, .read_only = true, .busy_timeout = kPatience});
    }
    folder_ = read_migrations(assembly, arguments, database_->dialect());
    tool_ = migrate::tool_history(*database_, folder_, address_.tool);
    records_.emplace(*database_, tool_->table());
    state_ = migrate::look(*records_, *tool_, folder_);
}

void MigratePlace::refuse_read_only() const {
    if (!address_.server) return;
    const auto session = sql::open_postgres(*address_.server);
    session->begin();
    session->rollback();
}

}  // namespace drydock::cli
