// The whole maintenance window (the shipped runbook granular-migration) on a real PostgreSQL and
// Redis, around the application of the example, killed at moments that nobody chose and at seams:
// doing and undoing. DRYDOCK_WINDOW_KILLS says how many kills (500 in the campaign).

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/error.h"
#include "engine/postgres/connection.h"
#include "tests/crash/victim.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/redis_server.h"

namespace drydock::crash {
namespace {

namespace fs = std::filesystem;

constexpr const char* kToken = "canary-token";
// What there is of the runbook's own making in the database: columns, indexes, constraints, rows.
constexpr const char* kDatabase = R"(
select 'column ' || table_name || '.' || column_name || ' ' || data_type
  from information_schema.columns where table_schema = 'public'
union all select indexdef from pg_indexes where schemaname = 'public'
union all select 'check ' || conname from pg_constraint where connamespace = 'public'::regnamespace
union all select 'rows of ' || c.relname || ' ' ||
  (xpath('/row/d/text()', query_to_xml(format(
    'select count(*) || md5(string_agg(t::text, '','' order by t::text)) as d from %I t',
    c.relname), false, true, '')))[1]::text
  from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace
union all select 'version ' || version || dirty from schema_migrations
order by 1)";

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The example's application, started once; every run begins with it as it was.
class Application {
  public:
    Application(const std::string& folder, const std::string& redis) : folder_(folder) {
        fs::copy(WINDOW_EXAMPLE, folder, fs::copy_options::recursive);
        api_ = said("APP_REDIS=" + redis + " python3 app.py start");
    }
    ~Application() { (void)said("python3 app.py stop"); }
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    void reset() const {
        (void)said("python3 app.py service up");
        (void)said("rm -f deployed; curl -s -X POST -H 'Authorization: Bearer canary-token' " +
                   api_ + "/admin/maintenance/disable");
    }
    [[nodiscard]] std::string state() const {
        return said("python3 app.py service status") + " " + text_of(folder_ + "/deployed") +
               text_of(folder_ + "/app.json");
    }
    [[nodiscard]] const std::string& api() const { return api_; }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }

  private:
    std::string said(const std::string& command) const {
        const std::string whole =
            "cd " + folder_ + " && export APP_TOKEN=" + kToken + " && " + command + " 2>&1";
        FILE* const pipe = ::popen(whole.c_str(), "r");
        std::string text;
        for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;)
            text += static_cast<char>(c);
        EXPECT_EQ(::pclose(pipe), 0) << command << ": " << text;
        while (text.ends_with('\n')) text.pop_back();
        return text;
    }

    std::string folder_, api_;
};

// One run in a world that is as it was at first; how it is killed is the test's.
class WindowKills : public testing::Test {
  protected:
    WindowKills() {
        postgres_.run("postgres",
                      "do $$ begin create role tmi_owner login; exception when others then null; "
                      "end $$");
        postgres_.run(base_, "alter schema public owner to tmi_owner; set role tmi_owner;" +
                                 text_of(WINDOW_DATA));
    }
    ~WindowKills() override {
        postgres_.run("postgres", "drop database if exists " + database_ + " with (force)");
        postgres_.drop_database(base_);
    }

    void begin() {
        postgres_.run("postgres", "drop database if exists " + database_ + " with (force)");
        postgres_.run("postgres",
                      "create database " + database_ + " template " + base_ + " owner tmi_owner");
        redis_.run({"FLUSHALL"});
        redis_.run({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
        redis_.run({"CONFIG", "SET", "notify-keyspace-events", ""});
        for (int n = 0; n < 50; ++n) redis_.run({"SET", "session:" + std::to_string(n), "x"});
        for (int n = 0; n < 2500; ++n) redis_.run({"SET", "cache:old:" + std::to_string(n), "x"});
        app_.reset();
        victim_ = std::make_unique<Victim>();
        fs::create_directory(victim_->file("etc"));
        std::ofstream(victim_->file("etc/config.yaml")) << "as it was\n";
        std::ofstream(victim_->file("drydock.yaml"))
            << "roles: {dba: [ben]}\nenvironments: {trial: {window: none}}\n";
    }
    std::vector<std::string> start() const {
        std::vector<std::string> words{"run", "granular-migration", "--environment", "trial"};
        const auto give = [&](const std::string& name, const std::string& value) {
            words.insert(words.end(), {"-p", name + "=" + value});
        };
        give("api", app_.api());
        give("alerts", app_.api() + "/health");
        give("manager", app_.file("control"));
        give("deploy", app_.file("deploy"));
        give("version", "v2");
        give("previous", "v1");
        give("checkout", app_.file("checkout"));
        give("data", victim_->file("etc"));
        give("backups", victim_->file("backups"));
        give("config", victim_->file("etc"));
        give("host", postgres_.socket_folder());
        give("port", std::to_string(postgres_.port()));
        give("database", database_);
        give("redis", redis_.socket());
        give("pool_size", "50");
        give("attended", "false");
        give("room", "0");
        give("settle", "200ms");
        give("reads", "1");
        give("hit_ratio", "-1");
        give("latency", "30s");
        return words;
    }
    Ended drydock(const std::vector<std::string>& words, Environment extra = {},
                  std::optional<std::int64_t> kill_after = {}) const {
        extra["TMI_TOKEN"] = kToken;
        return victim_->drydock(words, extra, kill_after);
    }
    [[nodiscard]] bool has_run() const { return drydock({"show", "last"}).exit == 0; }

    // The world that counts: names with a moment or a run's name in them by what they are.
    [[nodiscard]] std::string world() {
        std::string text;
        postgres::Connection connection({.server = Secret("server", postgres_.socket_folder()),
                                         .port = postgres_.port(),
                                         .database = Secret("database", database_),
                                         .user = Secret("user", "postgres")});
        const auto all = [&](const std::string& query) {
            connection.run(query, {}, {}, [&](const postgres::ResultRow& row) {
                text += std::string(row.text(0)) + "\n";
                return true;
            });
        };
        all(kDatabase);
        all("select 'left: ' || datname from pg_database where datname like 'drydock\\_%'");
        for (const char* setting : {"maxmemory-policy", "notify-keyspace-events"})
            text += redis_.run({"CONFIG", "GET", setting}).items.at(1).text + "\n";
        text += "sessions " + std::to_string(redis_.run({"KEYS", "session:*"}).items.size()) +
                ", old " + std::to_string(redis_.run({"KEYS", "cache:old:*"}).items.size()) +
                ", ours " + std::to_string(redis_.run({"KEYS", "*drydock*"}).items.size()) + "\n";
        std::vector<std::string> files;
        for (const char* folder : {"etc", "backups"}) {
            if (!fs::exists(victim_->file(folder))) continue;
            for (const auto& entry : fs::directory_iterator(victim_->file(folder))) {
                std::string name = entry.path().filename();
                if (const auto before = name.find(".before-"); before != std::string::npos)
                    name.resize(before + 8);
                if (std::string(folder) == "backups") name = name.substr(name.find('.'));
                std::string content = std::string(folder) == "etc" ? text_of(entry.path()) : "";
                if (content.starts_with("# Written")) content.erase(0, content.find('\n'));
                files.push_back(std::string(folder) + "/" + name + " " + content);
            }
        }
        std::ranges::sort(files);
        for (const std::string& file : files) text += file + "\n";
        return text + app_.state();
    }
    // Goes on until the run rests as `done` says. "" when it does, else what was said last.
    std::string bring_to_an_end(std::vector<std::string> how, const std::string& done) {
        std::string said;
        for (int lives = 0; lives < 60; ++lives) {
            const Ended ended = drydock(how);
            said = ended.text;
            if (said.find(done) != std::string::npos) return {};
            how = {"resume", "last"};
            if (ended.exit == 5 && said.find("has ended") != std::string::npos)
                return said.find(done == "UNDONE" ? "undone" : "succeeded") != std::string::npos
                           ? ""
                           : said;
            if (ended.exit == 5) {
                // The guard of the killed engine still buries its children.
                ::poll(nullptr, 0, 50);
                continue;
            }
            const std::size_t stopped = said.find("crashed 3 times");
            if (stopped == std::string::npos) return said;
            std::size_t at = said.find("STOPPED at ") + 11;
            if (said.compare(at, 8, "undo of ") == 0) at += 8;
            how.insert(how.end(), {"--retry", said.substr(at, said.find_first_of(" (", at) - at)});
        }
        return said;
    }

    test::PostgresServer& postgres_ = test::PostgresServer::shared();
    test::RedisServer redis_{{"--repl-diskless-sync-delay", "0", "--save", ""}};
    std::string base_ = postgres_.make_database();
    std::string database_ = "window_" + base_;
    TempFolder home_;
    Application app_{home_.file("app"), redis_.socket()};
    std::unique_ptr<Victim> victim_;
};

TEST_F(WindowKills, EndInTheSameWorldDoneAndUndone) {
    begin();
    const auto began = std::chrono::steady_clock::now();
    const Ended calm = drydock(start(), {{"DRYDOCK_KILL_LOG", victim_->file("points")}});
    ASSERT_EQ(calm.exit, 0) << calm.text;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::steady_clock::now() - began)
                          .count();
    const auto points = static_cast<int>(victim_->kill_points().size());
    const std::string done = world();
    const Ended calm_undo = drydock({"undo", "last"});
    ASSERT_NE(calm_undo.text.find("UNDONE"), std::string::npos) << calm_undo.text;
    const std::string undone = world();
    ASSERT_NE(done, undone);

    const int wanted = count_from_environment("DRYDOCK_WINDOW_KILLS", 6);
    const int seed =
        count_from_environment("DRYDOCK_SEED", static_cast<int>(std::random_device{}() & 0xffffff));
    std::printf("seed %d, an undisturbed run takes %lld us and passes %d kill points\n", seed,
                static_cast<long long>(took), points);
    std::mt19937 random(static_cast<unsigned>(seed));
    int kills = 0, at_seams = 0, runs = 0, undos = 0;
    // One life, cut: at a seam, or at any moment of what is likely to be left.
    const auto live = [&](const std::vector<std::string>& words) {
        const bool seam = random() % 3 == 0;
        const auto nth = static_cast<int>(random() % static_cast<unsigned>(points));
        const auto moment = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(took));
        const Ended ended =
            seam ? drydock(words, {{"DRYDOCK_KILL_NTH", std::to_string(1 + nth)}})
                 : drydock(words, {}, moment);
        kills += ended.killed ? 1 : 0;
        at_seams += ended.killed && seam ? 1 : 0;
        return ended.killed;
    };
    while (kills < wanted) {
        begin();
        ++runs;
        const bool back = random() % 2 == 0;
        SCOPED_TRACE("seed " + std::to_string(seed) + ", run " + std::to_string(runs));
        bool cut = live(start());
        for (int more = 0; cut && more < 4 && has_run(); ++more) cut = live({"resume", "last"});
        ASSERT_EQ(bring_to_an_end(has_run() ? std::vector<std::string>{"resume", "last"} : start(),
                                  "SUCCEEDED"),
                  "");
        ASSERT_EQ(world(), done);
        if (back) {
            ++undos;
            cut = live({"undo", "last"});
            for (int more = 0; cut && more < 3; ++more) cut = live({"resume", "last"});
            ASSERT_EQ(bring_to_an_end({"undo", "last"}, "UNDONE"), "");
            ASSERT_EQ(world(), undone);
        }
        EXPECT_TRUE(victim_->orphans().empty());
        const Ended verified = drydock({"audit", "verify"});
        ASSERT_EQ(verified.exit, 0) << verified.text;
    }
    std::printf("%d kills (%d at seams) of %d windows, %d of them undone\n", kills,
                at_seams, runs, undos);
}

}  // namespace
}  // namespace drydock::crash
