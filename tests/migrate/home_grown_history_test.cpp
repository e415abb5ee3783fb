#include "tests/migrate/tool_story.h"

namespace drydock::migrate {
namespace {

using Key = HomeGrown::Key;
using Checksum = HomeGrown::Checksum;

class HomeGrownHistory : public ToolStory, public testing::WithParamInterface<sql::Driver> {
  protected:
    void SetUp() override {
        use(GetParam());
        write("001_start.sql", kText);
        write("002_more.sql", "-- +migrate Up\nselect 3;\n");
        settings_.table = "migrations";
    }
    void table(const std::string& columns) const {
        target_->outside("create table migrations (" + columns + ")");
    }
    [[nodiscard]] std::string text(const std::string& column) const {
        std::string found;
        database_->run("select " + column + " from migrations", {}, sql::Access::Read,
                       [&](const sql::Row& row) {
                           found += (found.empty() ? "" : " ") + to_text(row.value(0));
                           return true;
                       });
        return found;
    }

    static constexpr const char* kText = "-- +migrate Up\nselect 1;\n-- +migrate Down\nselect 2;\n";
};

TEST_P(HomeGrownHistory, IsReadAndKeptByTheColumnsThatAreNamed) {
    table("id integer primary key, \"Version\" text not null unique, checksum text not null, "
          "applied_at timestamp default current_timestamp");
    settings_.home_grown = HomeGrown{.key_column = server() ? "Version" : "version",
                                     .key = Key::Version,
                                     .checksum_column = "checksum"};
    target_->outside(
        "insert into migrations (id, \"Version\", checksum) values (1, '001', "
        "'6EF7A8CD4ED2B90B67A4D1AEB7F33C6EDF4CD0C1A5AB7F3FAA3FB4EC4E1C3C11')");
    ToolState found = state(good());
    EXPECT_EQ(found.applied, Texts{"001_start.sql"}) << "as the folder knows it";
    EXPECT_FALSE(found.same_file.at("001_start.sql"));
    down(good(), 0);
    EXPECT_EQ(text("count(*)"), "0");
}

TEST_P(HomeGrownHistory, WritesEveryFormOfKeyAndChecksum) {
    struct Form {
        Key key;
        Checksum checksum;
        std::string type, wanted_key, wanted_checksum;
    };
    // Of the bytes of 001_start.sql, as sha256sum, sha1sum, md5sum and crc32 say.
    const std::vector<Form> forms{
        {Key::Number, Checksum::Sha256, "integer", "1",
         "04ee4e4204383432e85287b57be170866e5f0d3dca579689c8761764be4c41d7"},
        {Key::Version, Checksum::Sha1, "text", "001", "2d87e3a2a1ddf8e655aac5c36eb5b791647e08de"},
        {Key::FileName, Checksum::Md5, "text", "001_start.sql", "824669489bac6ef43f5be6b7f61180b6"},
        {Key::Number, Checksum::Crc32, "integer", "1", "3fb02eb7"},
    };
    for (const Form& form : forms) {
        table("name " + form.type + " primary key, digest text, at timestamp");
        settings_.home_grown = HomeGrown{.key_column = "name",
                                         .key = form.key,
                                         .checksum_column = "digest",
                                         .checksum = form.checksum,
                                         .applied_at_column = "at"};
        up(good(), 0);
        EXPECT_EQ(text("name"), form.wanted_key);
        EXPECT_EQ(text("digest"), form.wanted_checksum);
        ToolState found = state(good());
        EXPECT_EQ(found.applied, Texts{"001_start.sql"});
        EXPECT_TRUE(found.same_file.at("001_start.sql"));
        EXPECT_TRUE(found.times.at("001_start.sql").starts_with("20"));
        target_->outside("update migrations set digest = upper(digest)");
        EXPECT_TRUE(state(good()).same_file.at("001_start.sql"));
        write("001_start.sql", std::string(kText) + "\n");
        EXPECT_FALSE(state(good()).same_file.at("001_start.sql"));
        write("001_start.sql", kText);
        up(good(), 1);
        EXPECT_EQ(applied(good()), (Texts{"001_start.sql", "002_more.sql"}));
        down(good(), 0);
        EXPECT_EQ(applied(good()), Texts{"002_more.sql"});
        target_->outside("drop table migrations");
        database_ = target_->open();  // without statements prepared for the one before
    }
}

TEST_P(HomeGrownHistory, ReadsACrcThatIsANumber) {
    table("number integer primary key, crc bigint");
    settings_.home_grown = HomeGrown{.key_column = "number",
                                     .key = Key::Number,
                                     .checksum_column = "crc",
                                     .checksum = Checksum::Crc32};
    const std::string crc = "1068510903";
    target_->outside("insert into migrations values (1, " + crc + "), (3, 0)");
    EXPECT_TRUE(state(good()).same_file.at("001_start.sql"));
    target_->outside("update migrations set crc = " + crc + " - 4294967296");
    EXPECT_TRUE(state(good()).same_file.at("001_start.sql"));
    target_->outside("update migrations set crc = crc + 1");
    EXPECT_FALSE(state(good()).same_file.at("001_start.sql"));
    EXPECT_EQ(applied(good()), (Texts{"001_start.sql", "3"}));
}

TEST_P(HomeGrownHistory, RefusesATableWithoutTheColumnAndDoesNotMakeOne) {
    settings_.home_grown = HomeGrown{.key_column = "number", .checksum_column = "sum"};
    EXPECT_FALSE(state(good()).there);
    EXPECT_EQ(sql::failure([&] { up(good(), 0); }).code(), ErrorCode::Refused);
    table("number integer, what text");
    const Error error = sql::failure([&] { (void)state(good()); });
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_NE(error.message().find("(number, what) has no column sum"), std::string::npos)
        << error.message();
}

INSTANTIATE_TEST_SUITE_P(Drivers, HomeGrownHistory,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
