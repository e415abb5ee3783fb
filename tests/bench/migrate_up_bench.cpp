// `drydock migrate up` of 300 small migrations against one session of psql, or of the sqlite3
// shell, that reads the same files, each in a transaction with its row of the history.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/sqlite/connection.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"
#include "tests/servers/postgres_server.h"

namespace drydock::bench {
namespace {

constexpr int kMigrations = 300;
constexpr int kRounds = 5;

class Bench {
  public:
    Bench() {
        std::filesystem::create_directory(folder_.file("m"));
        std::ofstream psql(folder_.file("psql.sql")), shell(folder_.file("shell.sql"));
        const char* table =
            "create table schema_migrations (version bigint not null primary key, "
            "dirty boolean not null);\n";
        psql << table;
        shell << table;
        for (int n = 1; n <= kMigrations; ++n) {
            const std::string number = std::to_string(n);
            const std::string file = folder_.file("m/" + number + "_step.up.sql");
            std::ofstream(file) << "create table t" + number +
                                       " (id integer primary key, name text not null);\n"
                                       "create index t" +
                                       number + "_name on t" + number + " (name);\n";
            const std::string row =
                "delete from schema_migrations;\ninsert into schema_migrations "
                "values (" +
                number + ", false);\ncommit;\n";
            psql << "begin;\n\\i " << file << "\n" << row;
            shell << "begin immediate;\n.read " << file << "\n" << row;
        }
    }

    // Seconds of the program; throws when it fails.
    double timed(const std::vector<std::string>& argv) const {
        const Program program = run_program(argv, folder_.path(),
                                            {{"PATH", "/usr/bin:/bin"}, {"HOME", folder_.path()}});
        if (program.exit != 0) throw std::runtime_error(argv[0] + " failed");
        return program.seconds;
    }
    double drydock(const std::vector<std::string>& params) const {
        std::vector<std::string> argv{DRYDOCK, "-q",          "migrate",
                                      "up",    "-p",          "folder=" + folder_.file("m"),
                                      "-p",    "backup=false"};
        for (const std::string& param : params) argv.insert(argv.end(), {"-p", param});
        return timed(argv);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

  private:
    TempFolder folder_;
};

double median(std::vector<double> ratios) {
    std::ranges::sort(ratios);
    return ratios[ratios.size() / 2];
}

void on_server(const Bench& bench) {
    test::PostgresServer& server = test::PostgresServer::durable();
    std::vector<double> ratios;
    for (int round = 0; round < kRounds; ++round) {
        const std::string theirs = server.make_database(), ours = server.make_database();
        const double plain = bench.timed({"/usr/bin/psql", "-q", "-X", "-h", server.socket_folder(),
                                          "-p", std::to_string(server.port()), "-U", "postgres",
                                          "-d", theirs, "-f", bench.file("psql.sql")});
        const double own =
            bench.drydock({"host=" + server.socket_folder(),
                           "port=" + std::to_string(server.port()), "database=" + ours});
        ratios.push_back(own / plain);
        note("  psql " + std::to_string(plain) + " s, drydock " + std::to_string(own) + " s");
        server.drop_database(theirs);
        server.drop_database(ours);
    }
    const double ratio = median(ratios);
    report("300 migrations on PostgreSQL / one session of psql", ratio, "of its time", "<= 1.5",
           ratio <= 1.5);
}

void in_file(const Bench& bench) {
    std::vector<double> ratios;
    for (int round = 0; round < kRounds; ++round) {
        const std::string theirs = bench.file("theirs" + std::to_string(round) + ".db");
        const std::string ours = bench.file("ours" + std::to_string(round) + ".db");
        sqlite::Connection(ours, {.mode = sqlite::Mode::Create}).exec("pragma user_version = 1");
        const double plain =
            bench.timed({"/usr/bin/sqlite3", "-bail", theirs, ".read " + bench.file("shell.sql")});
        const double own = bench.drydock({"database=" + ours});
        ratios.push_back(own / plain);
        note("  sqlite3 " + std::to_string(plain) + " s, drydock " + std::to_string(own) + " s");
    }
    const double ratio = median(ratios);
    report("300 migrations on SQLite / one session of sqlite3", ratio, "of its time", "<= 1.3",
           ratio <= 1.3);
}

}  // namespace

void migrate_up_bench() {
    const Bench bench;
    on_server(bench);
    in_file(bench);
}

}  // namespace drydock::bench
