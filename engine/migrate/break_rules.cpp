#include <algorithm>
#include <array>

#include "engine/migrate/review.h"

// What takes away something that programs may still use: the release before this one runs until
// the new one has taken over.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kRenameColumn{
    .name = "rename-column",
    .summary = "a column of an existing table gets another name",
    .why = "Programs that run know the old name, and fail from the commit on until all of them are "
           "replaced. Add a column, write both, fill it, read the new one; drop the old one "
           "later.",
    .bad = "alter table users rename column mail to email;\n",
    .good = "alter table users add column email text;\n"};
constexpr Rule kRenameTable{
    .name = "rename-table",
    .summary = "an existing table gets another name",
    .why = "Programs that run know the old name, and fail from the commit on. A view with the old "
           "name in the same transaction serves them meanwhile.",
    .bad = "alter table users rename to accounts;\n",
    .good = R"(alter table users rename to accounts;
create view users as select * from accounts;
)"};
constexpr Rule kDropColumn{
    .name = "drop-column",
    .summary = "a column of an existing table is dropped, with what is in it",
    .why = "Its values are gone, also when the migration is taken back. Programs that still name "
           "it fail; those that select * get another shape. Let a release go by that no longer "
           "uses it.",
    .bad = "alter table users drop column nickname;\n",
    .good = R"(-- drydock: allow drop-column no release since 4.2 reads it
alter table users drop column nickname;
)"};
constexpr Rule kDropTable{
    .name = "drop-table",
    .summary = "an existing table is dropped, with all its rows",
    .why = "The rows are gone, also when the migration is taken back. Programs that still use it "
           "fail.",
    .bad = "drop table sessions;\n",
    .good = R"(-- drydock: allow drop-table moved to Redis in 4.0, backup kept until June
drop table sessions;
)"};
constexpr Rule kDropCascade{
    .name = "drop-cascade",
    .where = Where::Postgres,
    .summary = "CASCADE drops or empties what the file does not name",
    .why = "Which views, foreign keys or tables go with it depends on the database, and is known "
           "only afterwards. Name each of them.",
    .bad = "drop type mood cascade;\n",
    .good = R"(drop function mood_of(integer);
drop type mood;
)"};
constexpr Rule kTruncate{
    .name = "truncate",
    .where = Where::Postgres,
    .summary = "an existing table is emptied",
    .why = "All rows are gone, also when the migration is taken back; every query of the table "
           "waits for the lock (ACCESS EXCLUSIVE), and triggers for each row do not run.",
    .bad = "truncate sessions;\n",
    .good = "delete from sessions where seen < now() - interval '30 days';\n"};
constexpr Rule kUpdateWithoutWhere{
    .name = "update-without-where",
    .summary = "all rows of an existing table are changed or deleted at once",
    .why = "Each row is locked until the commit, and written anew: the table grows by its own size "
           "and vacuum has to clean up. Where a condition was forgotten, all is overwritten. "
           "Change rows in batches, outside of migrations, and say which.",
    .bad = "update users set plan = 'free';\n",
    .good = "update users set plan = 'free' where plan is null and id between 1 and 10000;\n"};
constexpr Rule kGrantToPublic{
    .name = "grant-to-public",
    .where = Where::Postgres,
    .summary = "everybody who can connect is given a right on data",
    .why = "PUBLIC is each role, also those made later. Grant to the roles that need it.",
    .bad = "grant select on users to public;\n",
    .good = "grant select on users to reporting;\n"};
constexpr std::array kRules{&kRenameColumn, &kRenameTable, &kDropColumn,         &kDropTable,
                            &kDropCascade,  &kTruncate,    &kUpdateWithoutWhere, &kGrantToPublic};

// Whether a later statement of the script gives `table` again: a view, or a table renamed to it.
bool comes_again(const Review& review, const std::string& table) {
    const auto& deeds = review.scene().deeds;
    return std::any_of(
        deeds.begin() + static_cast<std::ptrdiff_t>(review.index()) + 1, deeds.end(),
        [&](const Deed& deed) {
            if (deed.kind == Kind::AlterTable) {
                return std::ranges::any_of(deed.actions, [&](const Action& action) {
                    return action.kind == Action::Kind::RenameTable && action.name == table;
                });
            }
            const bool makes = deed.kind == Kind::CreateTable ||
                               (deed.kind == Kind::Create && deed.object == "view");
            return makes && deed.name == table;
        });
}

void look_at_action(Review& review, const Action& action) {
    const std::string& table = review.deed().table;
    const std::string column = quoted(action.name) + " of " + quoted(table);
    if (action.kind == Action::Kind::RenameColumn) {
        review.tell(kRenameColumn, action.at,
                    "programs that use " + column + " fail as soon as this is committed",
                    "add " + quoted(action.column.name) +
                        ", fill and read it, and drop the old one in a later release");
    } else if (action.kind == Action::Kind::RenameTable && !comes_again(review, table)) {
        review.tell(kRenameTable, action.at,
                    "programs that use " + quoted(table) + " fail as soon as this is committed",
                    "create a view " + quoted(table) + " in the same file until nobody uses it");
    } else if (action.kind == Action::Kind::DropColumn) {
        review.tell(kDropColumn, action.at,
                    "the values in " + column + " are gone, and programs that use it fail",
                    "drop it when no release that runs uses it, and allow drop-column with the "
                    "reason");
    }
    if (action.cascade && review.on_postgres()) {
        review.tell(kDropCascade, action.at,
                    "what depends on " + column + " goes with it, whatever that is",
                    "drop each thing by its name");
    }
}

void look_at_drop(Review& review, const Deed& deed) {
    if (deed.cascade && review.on_postgres()) {
        const bool fresh = std::ranges::all_of(
            deed.names, [&](const std::string& name) { return review.is_new(name); });
        if (!fresh) {
            review.tell(kDropCascade, nullptr,
                        "what depends on " + quoted(deed.name) + " goes with it, whatever that is",
                        "drop each thing by its name");
        }
    }
    if (deed.object != "table") return;
    for (const std::string& name : deed.names) {
        if (review.is_new(name) || comes_again(review, name)) continue;
        review.tell(kDropTable, nullptr,
                    "all rows of " + quoted(name) + review.size_of(name) +
                        " are gone, and programs that use it fail",
                    "drop it when no release that runs uses it, and allow drop-table with the "
                    "reason");
    }
}

void look_at_grant(Review& review) {
    constexpr std::array<std::string_view, 6> kRights{"select", "insert",   "update",
                                                      "delete", "truncate", "all"};
    TokenWalk walk(review.statement().tokens);
    bool gives = false;
    while (!walk.at_end() && !walk.at("on")) {
        gives = gives || std::ranges::any_of(kRights, [&](auto word) { return walk.at(word); });
        walk.skip();
    }
    if (!gives || !walk.find("to") || !has_word(walk.rest(), "public")) return;
    review.tell(kGrantToPublic, nullptr, "every role of the server gets this right",
                "grant it to the roles that need it");
}

void look(Review& review) {
    const Deed& deed = review.deed();
    if (deed.kind == Kind::AlterTable && !review.is_new(deed.table)) {
        for (const Action& action : deed.actions) look_at_action(review, action);
    } else if (deed.kind == Kind::Drop) {
        look_at_drop(review, deed);
    } else if (deed.kind == Kind::Truncate && review.on_postgres()) {
        for (const std::string& name : deed.names) {
            if (!review.has_rows(name)) continue;
            review.tell(kTruncate, nullptr,
                        "all rows of " + quoted(name) + review.size_of(name) +
                            " are gone (ACCESS EXCLUSIVE lock until the commit)",
                        "delete the rows that must go, and say which");
        }
        if (deed.cascade) {
            review.tell(kDropCascade, nullptr,
                        "tables that refer to " + quoted(deed.table) + " are emptied with it",
                        "name each table that is to be emptied");
        }
    } else if (deed.kind == Kind::Update || deed.kind == Kind::Delete) {
        if (deed.has_where || !review.has_rows(deed.table)) return;
        review.tell(kUpdateWithoutWhere, nullptr,
                    std::string(deed.kind == Kind::Update ? "every row" : "all") + " of " +
                        quoted(deed.table) + review.size_of(deed.table) +
                        (deed.kind == Kind::Update ? " is written anew" : " is deleted") +
                        ", and stays locked until the commit",
                    "say which rows with where, and change many in batches");
    } else if (deed.kind == Kind::Grant && review.on_postgres()) {
        look_at_grant(review);
    }
}

}  // namespace

RuleGroup break_rules() { return {.rules = kRules, .statement = look}; }

}  // namespace drydock::migrate
