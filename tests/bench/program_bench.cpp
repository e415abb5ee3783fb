// The program as a whole process.

#include <algorithm>
#include <fstream>
#include <string>

#include "engine/error.h"
#include "engine/journal/sqlite_journal.h"
#include "engine/sqlite/connection.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"

namespace drydock::bench {
namespace {

using Environment = std::map<std::string, std::string>;

Environment environment(const TempFolder& folder) {
    return {{"PATH", "/usr/bin:/bin"},
            {"HOME", folder.path()},
            {"XDG_STATE_HOME", folder.path() + "/state"}};
}

Program drydock(const TempFolder& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), DRYDOCK);
    Program program = run_program(arguments, folder.path(), environment(folder));
    if (program.exit != 0)
        throw Error(ErrorCode::Command,
                    arguments[1] + " ended with " + std::to_string(program.exit));
    return program;
}

void write(const TempFolder& folder, const std::string& name, const std::string& text) {
    std::ofstream(folder.file(name)) << text;
}

std::string steps_written_out(int count) {
    std::string yaml = "runbook: bench\nsteps:\n";
    for (int i = 0; i < count; ++i) {
        yaml += "  - {id: s" + std::to_string(i) + ", lua: 'return {n = " + std::to_string(i) +
                "}', effect: read, returns: {n: integer}}\n";
    }
    return yaml;
}

Program foreach_run(int count) {
    const TempFolder folder;
    write(folder, "book.yaml",
          "runbook: bench\nparams: {count: integer}\nsteps:\n"
          "  - {id: list, lua: 'local l = {} for i = 1, params.count do l[i] = i end return {l = "
          "l}', effect: read, returns: {l: list}}\n"
          "  - id: each\n    foreach: \"${steps.list.l}\"\n    lua: return {n = item}\n    effect: "
          "read\n    returns: {n: integer}\n");
    return drydock(folder, {"-q", "run", "book.yaml", "-p", "count=" + std::to_string(count)});
}

void start_up() {
    const TempFolder folder;
    const double version = median_seconds(21, [&] { (void)drydock(folder, {"--version"}); });
    report("drydock --version", 1e3 * version, "ms", "< 10", version < 0.010);
    write(folder, "book.yaml", steps_written_out(40));
    (void)drydock(folder, {"-q", "run", "book.yaml"});  // makes the journal
    const double forty = median_seconds(9, [&] {
        (void)drydock(folder, {"-q", "run", "book.yaml"});
    });
    report("40 light steps end to end", forty, "s", "< 0.15", forty < 0.15);
}

void many_steps() {
    const TempFolder folder;
    write(folder, "book.yaml", steps_written_out(1'000));
    const Program thousand = drydock(folder, {"-q", "run", "book.yaml"});
    report("peak memory of a 1,000-step run", static_cast<double>(thousand.peak_kib) / 1024, "MiB",
           "< 40", thousand.peak_kib < 40 * 1024);
    // The time of a run with one item is what a process costs anyway.
    const double none = foreach_run(1).seconds;
    double first = 0, last = 0;
    for (const int count : {100, 1'000, 10'000, 100'000}) {
        const Program program = foreach_run(count);
        const double each = (program.seconds - none) / count;
        note("  " + std::to_string(count) + " items: " + std::to_string(1e6 * each) + " us each, " +
             std::to_string(program.peak_kib / 1024) + " MiB");
        if (count == 1'000) first = each;
        last = each;
    }
    report("cost per step, 100,000 / 1,000 items", last / first, "x", "< 1.3", last / first < 1.3);
}

void many_runs() {
    const TempFolder folder;
    std::filesystem::create_directories(folder.file("state/drydock"));
    std::filesystem::permissions(folder.file("state/drydock"), std::filesystem::perms::owner_all);
    {
        journal::SqliteJournal journal(journal::journal_options(folder.file("state/drydock")));
        journal::Chain chain(journal::run_id(1));
        (void)journal.create(journal::new_run(1), chain.created());
    }
    {
        sqlite::Connection connection(folder.file("state/drydock/journal.db"),
                                      {.mode = sqlite::Mode::ReadWrite});
        connection.exec(
            "begin; with recursive k(i) as (select 2 union all select i + 1 from k where i < "
            "100000) "
            "insert into runs (n, run, runbook, environment, status, term, starter, created, "
            "ended, exit) "
            "select i, printf('%026d', i), 'bench' || (i % 50), '', 'succeeded', 1, 'uid:0/root', "
            "i, i, 0 from k; commit");
        connection.checkpoint(sqlite::CheckpointMode::Truncate);
    }
    std::filesystem::permissions(folder.file("state/drydock/journal.db"),
                                 static_cast<std::filesystem::perms>(0600));
    const double took = median_seconds(9, [&] { (void)drydock(folder, {"runs"}); });
    report("runs over a journal of 100,000 runs", 1e3 * took, "ms", "< 50", took < 0.050);
}

constexpr int kRows = 20'000, kSize = 20;

void make_rows(const std::string& path) {
    sqlite::Connection connection(path, {.mode = sqlite::Mode::Create});
    connection.exec(
        "pragma journal_mode = wal; create table old (x); with recursive k(i) as (select 1 union "
        "all select i + 1 from k "
        "where i < " +
        std::to_string(kRows) + ") insert into old select i from k");
}

// The same deletes with one commit each, by the sqlite3 shell and by a step.
void batches() {
    const std::string sql = "delete from old where rowid in (select rowid from old limit ";
    std::vector<double> ratios;
    for (int round = 0; round < 5; ++round) {
        const TempFolder folder;
        make_rows(folder.file("shell.db"));
        make_rows(folder.file("app.db"));
        std::string script = ".bail on\npragma synchronous = full;\n";
        for (int i = 0; i < kRows / kSize; ++i) script += sql + std::to_string(kSize) + ");\n";
        write(folder, "script.sql", script);
        const Program shell = run_program({"/usr/bin/sqlite3", "shell.db", ".read script.sql"},
                                          folder.path(), environment(folder));
        write(folder, "book.yaml",
              "runbook: bench\nconnections: {app: {sqlite: app.db}}\nsteps:\n  - id: a\n    uses: "
              "sql.batches\n"
              "    with: {connection: app, size: " +
                  std::to_string(kSize) + ", sql: '" + sql + ":size)'}\n");
        const double own = drydock(folder, {"-q", "run", "book.yaml"}).seconds;
        ratios.push_back(own / shell.seconds);
    }
    std::ranges::sort(ratios);
    report("batches / the same statements in the sqlite3 shell", ratios[2], "x", "<= 1.3",
           ratios[2] <= 1.3);
}

}  // namespace

void program_bench() {
    start_up();
    many_runs();
    batches();
    many_steps();
}

}  // namespace drydock::bench
