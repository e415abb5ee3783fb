#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/crypto/digest.h"
#include "engine/sqlite/connection.h"
#include "tests/cli/program.h"
#include "tests/os/child_process.h"

namespace drydock::test {

// The program as an operator runs it, on the database app.db of a scanner: a cache of which rows
// expire, written with the time in two notations.
class ShippedRunbook : public testing::Test {
  protected:
    // Half of `rows` have expired; each notation has both kinds.
    void make_cache(int rows, const std::string& name = "app.db") const {
        sqlite::Connection made(program.folder() / name, {.mode = sqlite::Mode::Create});
        made.exec("create table vulnerability_cache (cve_id text primary key, "
                  "cache_expires_at text not null, pad blob)");
        sqlite::Statement fill = made.prepare(R"(
with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
insert into vulnerability_cache
select 'CVE-' || i,
       case i % 4 when 0 then '2020-01-01 00:00:00' when 1 then '2020-01-01T00:00:00Z'
                  when 2 then '2999-01-01 00:00:00' else '2999-01-01T00:00:00Z' end,
       randomblob(200) from n)");
        fill.bind(1, std::int64_t{rows});
        while (fill.step()) {
        }
    }
    [[nodiscard]] std::string answer(const std::string& query,
                                     const std::string& name = "app.db") const {
        sqlite::Connection asked(program.folder() / name, {});
        sqlite::Statement statement = asked.prepare(query);
        return statement.step() ? std::string(statement.column_text(0)) : std::string();
    }
    [[nodiscard]] std::string bytes(const std::string& name = "app.db") const {
        return program.folder().get(name);
    }
    // Random bytes over `count` pages from `first` on, and whatever a page of them says.
    void overwrite_pages(std::int64_t first, int count) const {
        std::fstream file(program.folder() / "app.db",
                          std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(first * 4096);
        for (int i = 0; i < count * 4096; ++i) file.put(static_cast<char>(i * 7 + 13));
    }
    [[nodiscard]] std::vector<std::string> weekly(std::vector<std::string> more = {}) const {
        std::vector<std::string> args{"run", "sqlite-weekly", "-p", "database=app.db"};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    // `texts` are all in `where`, which was folded at the width of the output.
    static void expect_told(std::string where, const std::vector<std::string>& texts) {
        std::string unfolded;
        for (const char c : where) {
            const bool blank = c == ' ' || c == '\n';
            if (!blank) unfolded += c;
            else if (!unfolded.empty() && unfolded.back() != ' ') unfolded += ' ';
        }
        for (const std::string& text : texts)
            EXPECT_NE(unfolded.find(text), std::string::npos) << text << "\nnot in\n" << where;
    }

    Program program;
};

}  // namespace drydock::test
