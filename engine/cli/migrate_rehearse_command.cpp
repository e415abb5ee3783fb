// migrate rehearse: there and back on a copy of the database.

#include <filesystem>

#include "engine/cli/commands.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/migrate_trial_print.h"
#include "engine/cli/no_observer.h"
#include "engine/cli/stoppable.h"
#include "engine/cli/text.h"
#include "engine/migrate/plan.h"
#include "engine/rehearse/migrations.h"
#include "engine/rehearse/server_copy.h"
#include "engine/schema/difference.h"

namespace drydock::cli {
namespace {

using rehearse::MigrationRehearsal;

// The copy, and what is known of it.
struct Copied {
    std::unique_ptr<rehearse::Scratch> scratch;  // on a server
    std::string original;
    std::int64_t bytes = 0;
    std::int64_t micros = 0;
    std::unique_ptr<sql::Database> session;  // gone before the scratch is
};

Copied copy_file(Assembly& assembly, const Arguments& arguments, const std::string& folder) {
    NoObserver observer;
    const Arguments run = migration_run(assembly, arguments, "migrate");
    const rehearse::Copies copies = rehearse::copy_targets(assembly.looking_engine(observer),
                                                           start_options(assembly, run), folder);
    const rehearse::Copy& copy = copies.made.front();
    return {.scratch = nullptr,
            .original = copy.original,
            .bytes = copy.bytes,
            .micros = copy.micros,
            .session = sql::open_sqlite({.path = copy.path})};
}

Copied copy_from_server(Assembly& assembly, const sql::PostgresSettings& server,
                        const std::string& folder, CancelToken& cancel) {
    Copied copied;
    copied.original = sql::names_of(server).database;
    copied.scratch = rehearse::Scratch::on_server(server, "rehearsal", assembly.new_id());
    const rehearse::ServerCopy copy = rehearse::copy_database(
        server, *copied.scratch, folder, "/proc/self/exe", system_clock(), cancel);
    copied.bytes = copy.bytes;
    copied.micros = copy.took.count();
    copied.session = copied.scratch->open();
    return copied;
}

void print_changes(Output& output, const std::string& head, const rehearse::Moment& from,
                   const rehearse::Moment& to) {
    const schema::Difference difference = schema::difference(from.catalog, to.catalog);
    const std::vector<std::string> rows = schema::changed_rows(from.rows, to.rows);
    output.line(head + (difference.changes.empty() && rows.empty() ? "as before" : "otherwise"));
    for (const std::string& one : schema::lines(difference))
        output.line("  " + fitted(one, output.width() - 2));
    for (const std::string& one : rows)
        output.line("  " + fitted("rows of " + one, output.width() - 2));
}

void print(Output& output, const MigrationRehearsal& seen, const Copied& copied) {
    output.line(output.styled(seen.passed() ? Style::Green : Style::Red,
                              seen.passed() ? "rehearsed" : "failed") +
                " on a copy of " + std::filesystem::path(copied.original).filename().string() +
                " (" + amount(copied.bytes) + ", in " + span(copied.micros) +
                "), which was only read");
    print_applied(output, seen.there);
    if (seen.failed != "there") print_changes(output, "there: ", seen.before, seen.after);
    if (!seen.no_way_back.empty())
        output.line(output.styled(Style::Yellow, "not taken back: " + seen.no_way_back));
    print_applied(output, seen.back);
    if (seen.failed.empty() && seen.no_way_back.empty() && !seen.there.done.empty())
        print_changes(output, "and back: ", seen.before, seen.returned);
    if (seen.failed.empty()) return;
    for (const std::string& line :
         wrapped("",
                 std::string(seen.failed == "back" ? "the way back" : "the way there") +
                     " fails: " + seen.error,
                 output.width()))
        output.line(output.styled(Style::Red, line));
    if (!seen.hint.empty()) output.line("hint: " + seen.hint);
}

Value::List changes(const rehearse::Moment& before, const rehearse::Moment& after) {
    Value::List list;
    for (const schema::Change& one : schema::difference(before.catalog, after.catalog).changes)
        list.push_back(schema::to_value(one));
    return list;
}

Value::Map to_map(const schema::Rows& rows) {
    Value::Map map;
    for (const auto& [table, count] : rows) map.emplace(table, count);
    return map;
}

Value::Map to_map(const MigrationRehearsal& seen, const Copied& copied) {
    Value::Map map{{"passed", seen.passed()},
                   {"database", copied.original},
                   {"bytes", copied.bytes},
                   {"copied_in_seconds", static_cast<double>(copied.micros) / 1e6},
                   {"there", to_list(seen.there)},
                   {"back", to_list(seen.back)},
                   {"rows_before", to_map(seen.before.rows)},
                   {"no_way_back", seen.no_way_back},
                   {"failed", seen.failed},
                   {"error", seen.error},
                   {"hint", seen.hint}};
    if (seen.failed == "there") return map;
    map.emplace("schema", changes(seen.before, seen.after));
    map.emplace("rows_after", to_map(seen.after.rows));
    if (!seen.failed.empty() || !seen.no_way_back.empty()) return map;
    map.emplace("schema_after_way_back", changes(seen.before, seen.returned));
    map.emplace("rows_after_way_back", to_map(seen.returned.rows));
    return map;
}

}  // namespace

int migrate_rehearse_command(Assembly& assembly, const Arguments& arguments) {
    const migrate::Target target =
        migrate::target_from(arguments.subjects.empty() ? "head" : arguments.subjects.front());
    Stoppable stoppable(assembly);
    const DatabaseAddress address = migrations_database(assembly, arguments);
    const migrate::Folder folder = read_migrations(
        assembly, arguments, address.server ? sql::Dialect::Postgres : sql::Dialect::Sqlite);
    const rehearse::PrivateFolder private_folder(arguments.folder.empty() ? rehearse::usual_place()
                                                                          : arguments.folder);
    Copied copied = address.server ? copy_from_server(assembly, *address.server,
                                                      private_folder.path(), stoppable.cancel())
                                   : copy_file(assembly, arguments, private_folder.path());
    Output& output = assembly.output();
    const auto tell = [&](std::string_view text) {
        if (output.verbose() > 0 && !output.json()) output.note(text);
    };
    const MigrationRehearsal seen = rehearse::rehearse_migrations(
        *copied.session, folder, target,
        {.tool = address.tool,
         .choose = {.out_of_order = arguments.migrations.out_of_order},
         .who = assembly.actor()},
        system_clock(), stoppable.cancel(), tell);
    copied.session.reset();
    if (copied.scratch) copied.scratch->drop();
    if (output.json())
        output.json_line(to_map(seen, copied));
    else
        print(output, seen, copied);
    return seen.passed() ? 0 : exit_status(ErrorCode::Check);
}

}  // namespace drydock::cli
