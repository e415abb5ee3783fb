#pragma once

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/runbooks/shipped_story.h"

namespace drydock::test {

// The runbooks that put another file in the place of a database: users with scans, a proven backup
// of them, and programs that stop and start the application.
class CopiesOfADatabase : public ShippedRunbook {
  protected:
    static constexpr int kUsers = 3000;

    CopiesOfADatabase() {
        sql("create table users (id integer primary key, name text);"
            "create table scans (id integer primary key, user_id integer references users (id));"
            "create index scans_user on scans (user_id)");
        add_users(1, kUsers);
        sql("insert into scans select id, id from users where id % 3 = 0");
    }
    void sql(const std::string& text, const std::string& name = "app.db") const {
        sqlite::Connection other(program.folder() / name, {.mode = sqlite::Mode::Create});
        other.exec(text);
    }
    void add_users(int from, int to) const {
        sql("with recursive n (i) as (select " + std::to_string(from) +
            " union all select i + 1 from n where i < " + std::to_string(to) +
            ") insert into users select i, 'user ' || i || hex(zeroblob(40)) from n");
    }
    // Takes a proven backup; returns its path.
    std::string back_up(std::vector<std::string> more = {}) const {
        std::vector<std::string> args{"run", "sqlite-backup",  "-p", "database=app.db",
                                      "-p",  "backups=backups"};
        args.insert(args.end(), more.begin(), more.end());
        const Ended ended = program.run(args);
        EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
        std::string newest;
        for (const auto& entry :
             std::filesystem::directory_iterator(program.folder() / "backups")) {
            const std::string name = entry.path().filename();
            if (!name.ends_with(".json")) newest = std::max(newest, "backups/" + name);
        }
        return newest;
    }
    [[nodiscard]] int users(const std::string& name = "app.db") const {
        return std::stoi(answer("select count(*) from users", name));
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::filesystem::exists(program.folder() / name);
    }
    [[nodiscard]] std::string kept() const {
        for (const auto& entry : std::filesystem::directory_iterator(program.folder().path())) {
            const std::string name = entry.path().filename();
            const bool log = name.ends_with("-wal") || name.ends_with("-shm");
            if (name.starts_with("app.db.before-") && !log) return name;
        }
        return {};
    }
    // The run of `args` is killed at each of `points` in turn, each time in the same world, which
    // `prepare` makes and `judge` looks at after the resume.
    template <class Prepare, class Judge>
    void kill_at(const std::vector<std::string>& points, const std::vector<std::string>& args,
                 const Prepare& prepare, const Judge& judge) {
        program.use(DRYDOCK_CRASH);
        for (const std::string& point : points) {
            SCOPED_TRACE(point);
            prepare();
            const Ended killed = program.run(args, {{"DRYDOCK_KILL_AT", point + "#1"}});
            ASSERT_EQ(killed.exit, 128 + SIGKILL) << killed.out << killed.err;
            judge(program.run({"resume", "last"}));
        }
        program.use(DRYDOCK_PROGRAM);
    }
};

// Those around everything that may happen to the files.
inline const std::vector<std::string> kSwapPoints{
    "step.started",        "effect.began",          "once.before_record", "once.after_record",
    "effect.before_ended", "replace.before_rename", "replace.renamed"};

}  // namespace drydock::test
