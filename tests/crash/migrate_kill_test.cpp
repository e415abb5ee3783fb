// `drydock migrate up`, killed at moments that nobody chose, on each database: afterwards
// everything is there once. DRYDOCK_MIGRATIONS says how many migrations, DRYDOCK_MIGRATE_KILLS how
// many kills on each database (200 and 300 in the campaign).

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/sql/open.h"
#include "engine/sqlite/connection.h"
#include "tests/crash/victim.h"
#include "tests/servers/postgres_server.h"

namespace drydock::crash {
namespace {

namespace fs = std::filesystem;

enum class On : std::uint8_t { File, Server };

class MigrateKills : public testing::TestWithParam<On> {
  protected:
    ~MigrateKills() override { drop(); }

    static bool on_server() { return GetParam() == On::Server; }

    void drop() {
        if (!name_.empty()) postgres_->drop_database(name_);
        name_.clear();
    }

    // An empty database, and the folder.
    void begin() {
        drop();
        victim_ = std::make_unique<Victim>();
        fs::create_directory(victim_->file("m"));
        for (int n = 1; n <= migrations_; ++n) write_migration(n);
        if (on_server()) {
            postgres_ = &test::PostgresServer::shared();
            name_ = postgres_->make_database();
        } else {
            const sqlite::Connection made(victim_->file("m.db"), {.mode = sqlite::Mode::Create});
            sqlite::Connection(victim_->file("m.db"), {.mode = sqlite::Mode::Create})
                .exec("create table before_all (id integer)");
        }
    }

    void write_migration(int n) const {
        const std::string number = std::to_string(n);
        std::ofstream file(victim_->file("m/" + number + "_step.up.sql"));
        if (n == 1) file << "create table done (n integer);\n";
        file << "create table m" + number + " (id integer);\n";
        // One that is no single transaction, and one that is two.
        if (n % 10 == 0 && on_server())
            file << "create index concurrently m" + number + "_id on m" + number + " (id);\n";
        if (n % 10 == 5) file << "begin; insert into m" + number + " values (1); commit;\n";
        file << "insert into done values (" + number + ");\n";
    }

    [[nodiscard]] std::vector<std::string> start() const {
        std::vector<std::string> words{
            "migrate", "up", "-p", "folder=" + victim_->file("m"), "-p", "backup=false"};
        const auto add = [&](const std::string& param) {
            words.insert(words.end(), {"-p", param});
        };
        if (!on_server()) {
            add("database=" + victim_->file("m.db"));
            return words;
        }
        add("database=" + name_);
        add("host=" + postgres_->socket_folder());
        add("port=" + std::to_string(postgres_->port()));
        return words;
    }

    std::string ask(const std::string& query) const {
        std::unique_ptr<sql::Database> database;
        if (on_server()) {
            database = sql::open_postgres({.server = Secret("server", postgres_->socket_folder()),
                                           .port = postgres_->port(),
                                           .database = Secret("database", name_),
                                           .user = Secret("user", "postgres"),
                                           .read_only = true});
        } else {
            database = sql::open_sqlite({.path = victim_->file("m.db"), .read_only = true});
        }
        std::string all;
        database->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            all += to_text(row.value(0)) + "\n";
            return true;
        });
        return all;
    }

    // Everything that the migrations made, and both histories.
    std::string world() const {
        std::string all = ask("select count(*) || ' ' || count(distinct n) from done");
        if (on_server()) {
            all += ask("select version || ' ' || dirty from schema_migrations");
            all +=
                ask("select count(*) || ' ' || count(ended) || ' ' || count(distinct key) from "
                    "drydock.migrations");
            return all + ask("select c.relname || ' ' || coalesce(i.indisvalid::text, '') from "
                             "pg_class c left join pg_index i on i.indexrelid = c.oid where "
                             "relnamespace = 'public'::regnamespace order by 1");
        }
        all += ask("select version || ' ' || dirty from schema_migrations");
        all +=
            ask("select count(*) || ' ' || count(ended) || ' ' || count(distinct key) from "
                "drydock_migrations");
        return all + ask("select name || sql from sqlite_schema where name not like 'drydock%' and "
                         "name not like 'sqlite%' order by name");
    }

    // "" when the run has succeeded.
    [[nodiscard]] std::string bring_to_an_end() const {
        std::string said;
        for (int lives = 0; lives < 40; ++lives) {
            std::vector<std::string> words{"resume", "last"};
            if (!victim_->has_run()) words = start();
            if (const std::size_t at = said.find("STOPPED at "); at != std::string::npos)
                words.insert(words.end(), {"--retry", "migrated"});
            const Ended ended = victim_->drydock(words);
            said = ended.text;
            const bool over = ended.exit == 5 && said.find("succeeded") != std::string::npos;
            if (ended.exit == 0 || over) return "";
            // The guard of the killed engine still lives, or it has crashed too often to go on by
            // itself.
            if (ended.exit == 5)
                ::poll(nullptr, 0, 50);
            else if (said.find("crashed 3 times") == std::string::npos)
                return said;
        }
        return said;
    }

    const int migrations_ = count_from_environment("DRYDOCK_MIGRATIONS", 40);
    std::unique_ptr<Victim> victim_;
    test::PostgresServer* postgres_ = nullptr;
    std::string name_;
};

TEST_P(MigrateKills, LeaveEveryMigrationThereOnce) {
    begin();
    const auto began = std::chrono::steady_clock::now();
    const Ended calm = victim_->drydock(start());
    ASSERT_EQ(calm.exit, 0) << calm.text;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::steady_clock::now() - began)
                          .count();
    const std::string undisturbed = world();
    const std::string all = std::to_string(migrations_);
    ASSERT_TRUE(undisturbed.starts_with(all + " " + all + "\n")) << undisturbed;

    const int wanted = count_from_environment("DRYDOCK_MIGRATE_KILLS", 3);
    const int seed =
        count_from_environment("DRYDOCK_SEED", static_cast<int>(std::random_device{}() & 0xffffff));
    std::printf("seed %d, an undisturbed run takes %lld us\n", seed, static_cast<long long>(took));
    std::mt19937 random(static_cast<unsigned>(seed));
    int kills = 0, runs = 0;
    while (kills < wanted) {
        begin();
        ++runs;
        SCOPED_TRACE("seed " + std::to_string(seed) + ", run " + std::to_string(runs));
        bool cut = true;
        for (int lives = 0; cut && lives < 4; ++lives) {
            const auto words =
                victim_->has_run() ? std::vector<std::string>{"resume", "last"} : start();
            const auto moment =
                static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(took));
            cut = victim_->drydock(words, {}, moment).killed;
            kills += cut ? 1 : 0;
        }
        ASSERT_EQ(bring_to_an_end(), "");
        ASSERT_EQ(world(), undisturbed);
    }
    std::printf("%d kills of %d runs\n", kills, runs);
}

std::string name_of(const testing::TestParamInfo<On>& of) {
    return of.param == On::File ? "sqlite" : "postgres";
}
INSTANTIATE_TEST_SUITE_P(On, MigrateKills, testing::Values(On::File, On::Server), name_of);

}  // namespace
}  // namespace drydock::crash
