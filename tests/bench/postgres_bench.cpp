// PostgreSQL as a target against plain libpq and psql, on a server of our own that syncs its
// commits.

#include <libpq-fe.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"
#include "tests/servers/postgres_server.h"

namespace drydock::bench {
namespace {

constexpr int kTransactions = 1'000;
constexpr int kRows = 1'000'000;

struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Plain = std::unique_ptr<PGconn, Finish>;
using Answer = std::unique_ptr<PGresult, Clear>;

class Bench {
  public:
    Bench() {
        server_.run(database_, "create table t (a bigint primary key, b text);"
                               "create table log (a bigint, b text);"
                               "create table copied (a bigint, b text)");
    }
    ~Bench() { server_.drop_database(database_); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    void sql(const std::string& text) const { server_.run(database_, text); }
    [[nodiscard]] Plain plain() const {
        Plain made(PQconnectdb(("host=" + server_.socket_folder() + " user=postgres port=" +
                                std::to_string(server_.port()) + " dbname=" + database_)
                                   .c_str()));
        if (PQstatus(made.get()) != CONNECTION_OK) throw std::runtime_error("no connection");
        return made;
    }
    // Seconds of a run whose one step is `lua`, and its memory.
    Program run(const std::string& lua) {
        std::ofstream book(folder_.file("book.yaml"));
        book << "runbook: bench\nfiles: [.]\nconnections: {main: {postgres: \""
             << server_.socket_folder() << "\", port: " << server_.port()
             << ", database: " << database_
             << ", user: postgres}}\nsteps:\n  - id: work\n    timeout: 1h\n    lua: |\n";
        std::string line;
        for (const char c : lua + "\n") {
            line += c;
            if (c == '\n') book << "      " << std::exchange(line, {});
        }
        book.close();
        const Program program =
            run_program({DRYDOCK, "-q", "run", "book.yaml"}, folder_.path(),
                        {{"PATH", "/usr/bin:/bin"}, {"HOME", folder_.path()}});
        if (program.exit != 0) throw std::runtime_error("the run failed: " + lua);
        return program;
    }
    Program psql(const std::string& command) {
        return run_program({"/usr/bin/psql", "-q", "-h", server_.socket_folder(), "-p",
                            std::to_string(server_.port()), "-U", "postgres", "-d", database_,
                            "-c", command},
                           folder_.path(), {{"PATH", "/usr/bin:/bin"}, {"HOME", folder_.path()}});
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

  private:
    test::PostgresServer& server_ = test::PostgresServer::durable();
    std::string database_ = server_.make_database();
    TempFolder folder_;
};

void must(const Answer& answer) {
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQresultErrorMessage(answer.get()));
}

// The same rows in as many transactions of two statements each.
double plain_transactions(Bench& bench) {
    const Plain connection = bench.plain();
    const auto exec = [&](const char* text) { must(Answer(PQexec(connection.get(), text))); };
    exec("create table if not exists marks (run text, scope text, key text, primary key (run, "
         "scope, key))");
    return seconds([&] {
        for (int i = 1; i <= kTransactions; ++i) {
            const std::string number = std::to_string(i);
            const char* one[] = {number.c_str()};
            exec("begin");
            must(Answer(PQexecParams(connection.get(),
                                     "insert into marks values ('run', 'do/work', $1)", 1, nullptr,
                                     one, nullptr, nullptr, 0)));
            must(Answer(PQexecParams(connection.get(), "insert into t values ($1, 'x')", 1, nullptr,
                                     one, nullptr, nullptr, 0)));
            exec("commit");
        }
    });
}

// One processor that never sleeps. To wake a sleeping one takes a virtual machine tens of
// microseconds, at each message of client and server, and that is then most of what is measured.
class OneAwake {
  public:
    OneAwake() = default;

  private:
    std::jthread busy_{[](const std::stop_token& stop) {
        while (!stop.stop_requested()) continue;
    }};
};

void transactions(Bench& bench, const std::string& where) {
    std::vector<double> ratios;
    for (int round = 0; round < 9; ++round) {
        bench.sql("truncate t");
        bench.sql("drop table if exists marks");
        const double plain = plain_transactions(bench);
        bench.sql("truncate t");
        const double none = bench.run("connections.main:value('select 1')").seconds;
        const double own =
            bench.run("for i = 1, " + std::to_string(kTransactions) +
                      " do\n  connections.main:transaction{key = 'k' .. i, function()\n"
                      "    connections.main:exec('insert into t values ($1, $2)', i, 'x')\n"
                      "  end}\nend")
                .seconds;
        ratios.push_back(plain / (own - none));
        note("  plain " + std::to_string(plain) + " s, run " + std::to_string(own) +
             " s, empty run " + std::to_string(none) + " s");
    }
    std::ranges::sort(ratios);
    report("receipted transactions, " + where + " / plain libpq", ratios[4], "of its rate",
           ">= 0.85", ratios[4] >= 0.85);
}

void transactions(Bench& bench) {
    transactions(bench, "idle processors");
    const OneAwake awake;
    transactions(bench, "one kept awake");
}

double plain_reading(Bench& bench, const std::string& query) {
    const Plain connection = bench.plain();
    return seconds([&] {
        PQsendQuery(connection.get(), query.c_str());
        PQsetSingleRowMode(connection.get());
        std::size_t bytes = 0;
        while (const Answer row{PQgetResult(connection.get())}) {
            if (PQntuples(row.get()) == 1)
                bytes += static_cast<std::size_t>(PQgetlength(row.get(), 0, 1));
        }
        if (bytes == 0) throw std::runtime_error("nothing was read");
    });
}

// By a cursor, as :each does it, a thousand rows at a time.
double plain_cursor(Bench& bench, const std::string& query) {
    const Plain connection = bench.plain();
    const auto exec = [&](const std::string& text) {
        Answer answer(PQexec(connection.get(), text.c_str()));
        must(answer);
        return answer;
    };
    return seconds([&] {
        exec("begin");
        exec("declare plain no scroll cursor for " + query);
        std::size_t bytes = 0;
        for (int rows = -1; rows != 0;) {
            const Answer some = exec("fetch 1000 from plain");
            rows = PQntuples(some.get());
            for (int row = 0; row < rows; ++row)
                bytes += static_cast<std::size_t>(PQgetlength(some.get(), row, 1));
        }
        exec("commit");
        if (bytes == 0) throw std::runtime_error("nothing was read");
    });
}

void reading(Bench& bench, const std::string& table, const std::string& what) {
    const std::string query = "select * from " + table;
    std::vector<double> by_row, by_cursor;
    std::int64_t peak = 0;
    for (int round = 0; round < 7; ++round) {
        const double plain = plain_reading(bench, query);
        const double cursor = plain_cursor(bench, query);
        const double none = bench.run("connections.main:value('select 1')").seconds;
        const Program own = bench.run("local n = 0\nconnections.main:each('" + query +
                                      "', function(row) n = n + row.a end)\n"
                                      "check(n > 0, 'nothing')");
        by_row.push_back(plain / (own.seconds - none));
        by_cursor.push_back(cursor / (own.seconds - none));
        peak = std::max(peak, own.peak_kib);
        note("  row by row " + std::to_string(plain) + " s, cursor " + std::to_string(cursor) +
             " s, run " + std::to_string(own.seconds) + " s, empty run " + std::to_string(none) +
             " s");
    }
    const auto tell = [&](std::vector<double>& ratios, const std::string& with) {
        std::ranges::sort(ratios);
        report(":each over 1,000,000 rows of " + what + " / libpq " + with, ratios[3],
               "of its rate", ">= 0.5", ratios[3] >= 0.5);
    };
    tell(by_cursor, "by a cursor");
    tell(by_row, "row by row");
    report("its peak memory", static_cast<double>(peak) / 1024, "MiB", "< 64", peak < 64 * 1024);
}

void readings(Bench& bench) {
    const std::string rows = " from generate_series(1, " + std::to_string(kRows) + ") as n";
    bench.sql("insert into log select n, 'row ' || n" + rows + "; analyze log");
    reading(bench, "log", "2 columns");
    bench.sql(
        "create table wide as select n as a, 'row ' || n as b, n::bigint as c, n * 1.5::float8 as "
        "d, (n * 1.25)::numeric(12, 2) as e, n % 2 = 0 as f, timestamptz '2026-01-01' + n * "
        "interval '1 second' as g, date '2026-01-01' + (n % 1000)::int as h, case when n % 3 > 0 "
        "then 'x' || n end as i, jsonb_build_object('n', n) as j" +
        rows + "; analyze wide");
    reading(bench, "wide", "10 columns");
}

void copying(Bench& bench) {
    {
        std::ofstream rows(bench.file("rows.tsv"));
        for (int i = 1; i <= kRows; ++i) rows << i << "\trow " << i << "\n";
    }
    std::vector<double> ratios;
    for (int round = 0; round < 3; ++round) {
        bench.sql("truncate copied");
        const double psql =
            bench.psql("\\copy copied from '" + bench.file("rows.tsv") + "'").seconds;
        bench.sql("truncate copied");
        const double own =
            bench.run("local n = 0\nconnections.main:copy('copied', {'a', 'b'}, function()\n"
                      "  n = n + 1\n  if n <= " + std::to_string(kRows) +
                      " then return {n, 'row ' .. n} end\nend)")
                .seconds;
        ratios.push_back(own / psql);
        note("  psql " + std::to_string(psql) + " s, run " + std::to_string(own) + " s");
    }
    std::ranges::sort(ratios);
    report(":copy of 1,000,000 rows made in Lua / psql \\copy from a file", ratios[1], "x", "<= 2",
           ratios[1] <= 2);
}

// Out again, of the table that is full now.
void copying_out(Bench& bench) {
    std::vector<double> ratios;
    std::int64_t peak = 0;
    for (int round = 0; round < 5; ++round) {
        const std::string options = " to '" + bench.file("psql.csv") + "' csv header";
        const double psql = bench.psql("\\copy copied" + options).seconds;
        const Program own = bench.run("connections.main:copy_out{table = 'copied', to = '" +
                                      bench.file("own.csv") + "'}");
        ratios.push_back(own.seconds / psql);
        peak = std::max(peak, own.peak_kib);
        note("  psql " + std::to_string(psql) + " s, run " + std::to_string(own.seconds) + " s");
    }
    std::ranges::sort(ratios);
    report(":copy_out of 1,000,000 rows / psql \\copy to a file", ratios[2], "x", "<= 2",
           ratios[2] <= 2);
    report("its peak memory", static_cast<double>(peak) / 1024, "MiB", "< 64", peak < 64 * 1024);
}

}  // namespace

void postgres_bench() {
    Bench bench;
    transactions(bench);
    readings(bench);
    copying(bench);
    copying_out(bench);
}

}  // namespace drydock::bench
