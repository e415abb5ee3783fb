#include <algorithm>
#include <array>

#include "engine/migrate/review.h"
#include "engine/sql/statement_class.h"

// What SQLite cannot do, and the ways around that lose something.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kAlterUnsupported{
    .name = "sqlite-alter-unsupported",
    .level = Level::Error,
    .where = Where::Sqlite,
    .summary = "an ALTER TABLE that SQLite does not have",
    .why = "It renames a table, renames, adds and drops one column at a time. A new column may not "
           "be unique or a primary key, nor have a default that is computed when there are rows. "
           "All else needs a new table: create it, copy the rows, drop the old one, rename the new "
           "one. Dropping columns came with 3.35, renaming them with 3.25; 3.53 adds and drops "
           "NOT NULL and CHECK.",
    .bad = "alter table users alter column age type bigint;\n",
    .good = "alter table users add column age integer;\n"};
constexpr Rule kNoSuchStatement{
    .name = "sqlite-no-such-statement",
    .level = Level::Error,
    .where = Where::Sqlite,
    .summary = "a statement that SQLite does not have",
    .why = "It was written for PostgreSQL. It fails to be parsed, and the file with it.",
    .bad = "create index concurrently users_email on users (email);\n",
    .good = "create index users_email on users (email);\n"};
constexpr Rule kPragmaInTransaction{
    .name = "sqlite-foreign-keys-pragma-in-transaction",
    .where = Where::Sqlite,
    .summary = "PRAGMA foreign_keys stands in a file that runs in a transaction",
    .why = "Within a transaction SQLite ignores it without a word, so that a DROP TABLE deletes, "
           "or is refused for, the rows that refer to the table. Drydock lifts foreign keys before "
           "its transaction begins and checks them before it commits; most tools do not.",
    .bad = R"(pragma foreign_keys = off;
update users set team = null where team = 0;
)",
    .good = R"(pragma defer_foreign_keys = on;
update users set team = null where team = 0;
)"};
constexpr Rule kRebuildLosesIndex{
    .name = "sqlite-rebuild-loses-index",
    .where = Where::Sqlite,
    .summary = "a table is built anew without the indexes that it had",
    .why = "DROP TABLE takes the indexes along. A unique one that is missing afterwards is found "
           "when there are duplicates.",
    .bad = R"(create table users (id integer primary key, mail text);
create unique index users_mail on users (mail);
create table users_new (id integer primary key, mail text not null);
insert into users_new (id, mail) select id, mail from users;
drop table users;
alter table users_new rename to users;
)",
    .good = R"(create table users (id integer primary key, mail text);
create unique index users_mail on users (mail);
create table users_new (id integer primary key, mail text not null);
insert into users_new (id, mail) select id, mail from users;
drop table users;
alter table users_new rename to users;
create unique index users_mail on users (mail);
)"};
constexpr Rule kCopyByPosition{
    .name = "sqlite-copy-by-position",
    .where = Where::Sqlite,
    .summary = "rows are copied into a new table by the order of the columns",
    .why = "The order in a database that grew by ALTER TABLE is another than in a new one. SQLite "
           "takes any type in any column, so that values end up in the wrong one without an error.",
    .bad = R"(create table users_new (id integer primary key, mail text, name text);
insert into users_new select * from users;
)",
    .good = R"(create table users_new (id integer primary key, mail text, name text);
insert into users_new (id, mail, name) select id, mail, name from users;
)"};
constexpr Rule kRenameAway{
    .name = "sqlite-rename-away",
    .where = Where::Sqlite,
    .summary = "a table is renamed and made anew under its old name",
    .why = "From 3.26 on a rename changes the foreign keys, triggers and views of other tables as "
           "well: they go on to refer to the renamed table, which is then dropped. Give the new "
           "table another name, drop the old one, and rename the new one last.",
    .bad = R"(alter table users rename to users_old;
create table users (id integer primary key);
)",
    .good = R"(create table users_new (id integer primary key);
drop table users;
alter table users_new rename to users;
)"};
constexpr std::array kRules{&kAlterUnsupported,  &kNoSuchStatement, &kPragmaInTransaction,
                            &kRebuildLosesIndex, &kCopyByPosition,  &kRenameAway};

bool is_computed(Tokens expression) {
    constexpr std::array<std::string_view, 3> kNow{"current_time", "current_date",
                                                   "current_timestamp"};
    if (expression.empty()) return false;
    return expression.front().text == "(" ||
           std::ranges::any_of(kNow, [&](auto word) { return expression.front().is(word); });
}

// What SQLite says to a new column; empty: it takes it.
std::string wrong_column(Review& review, const Action& action) {
    const Column& column = action.column;
    if (action.if_exists) return "add column has no if not exists";
    if (column.primary_key) return "a column that is added cannot be a primary key";
    if (column.unique) return "a column that is added cannot be unique";
    if (is_computed(column.fallback) && review.has_rows(review.deed().table))
        return "a column that is added to rows cannot have a computed default";
    if (column.stored && review.has_rows(review.deed().table))
        return "a column that is added to rows cannot be generated and stored";
    return {};
}

std::string wrong_action(Review& review, const Action& action) {
    switch (action.kind) {
        case Action::Kind::AddColumn: return wrong_column(review, action);
        case Action::Kind::RenameTable: return {};
        case Action::Kind::RenameColumn:
            return review.is_before(3, 25) ? "this SQLite cannot rename a column" : "";
        case Action::Kind::DropColumn:
            if (review.is_before(3, 35)) return "this SQLite cannot drop a column";
            if (action.if_exists) return "drop column has no if exists";
            return action.cascade ? "drop column has no cascade" : "";
        case Action::Kind::SetType: return "it cannot give a column another type";
        case Action::Kind::AddConstraint:
            if (review.is_since(3, 53) && (action.constraint.kind == Constraint::Kind::Check ||
                                           action.constraint.kind == Constraint::Kind::NotNull))
                return {};
            return "it cannot add this constraint to a table";
        case Action::Kind::SetNotNull:
        case Action::Kind::OtherOfColumn:
            return review.is_since(3, 53) ? "" : "it cannot alter a column";
        case Action::Kind::DropConstraint:
            return review.is_since(3, 53) ? "" : "it cannot drop a constraint";
        case Action::Kind::ValidateConstraint:
        case Action::Kind::Rewrite:
        case Action::Kind::Other: return "it has no such alter table";
    }
    return {};
}

void look_at_alter(Review& review) {
    const Deed& deed = review.deed();
    constexpr std::string_view kRebuild =
        "make a new table, copy the rows, drop the old one, rename the new one";
    if (deed.unless || deed.actions.size() > 1) {
        review.tell(kAlterUnsupported, nullptr,
                    deed.unless ? "alter table has no if exists"
                                : "one alter table does one thing only",
                    deed.unless ? "leave if exists out" : "write a statement for each");
        return;
    }
    for (const Action& action : deed.actions) {
        std::string wrong = wrong_action(review, action);
        if (!wrong.empty())
            review.tell(kAlterUnsupported, action.at, std::move(wrong), std::string(kRebuild));
    }
}

bool is_unknown(const Review& review) {
    const Deed& deed = review.deed();
    constexpr std::array<std::string_view, 4> kObjects{"table", "index", "view", "trigger"};
    const bool object = (deed.kind == Kind::Create || deed.kind == Kind::Drop) &&
                        std::ranges::find(kObjects, deed.object) == kObjects.end() &&
                        !deed.object.empty();
    return object || deed.concurrently || deed.replaces || deed.kind == Kind::Truncate ||
           deed.kind == Kind::LockTable || deed.kind == Kind::Grant ||
           deed.kind == Kind::Refresh || deed.kind == Kind::Cluster ||
           deed.kind == Kind::AddEnumValue || deed.kind == Kind::Set ||
           (deed.kind == Kind::Drop && (deed.cascade || deed.names.size() > 1));
}

// A DROP TABLE whose name another table takes over.
void look_at_rebuild(Review& review) {
    const Deed& drop = review.deed();
    const auto& deeds = review.scene().deeds;
    const auto after = deeds.begin() + static_cast<std::ptrdiff_t>(review.index()) + 1;
    const bool rebuilt = std::any_of(after, deeds.end(), [&](const Deed& one) {
        return std::ranges::any_of(one.actions, [&](const Action& action) {
            return action.kind == Action::Kind::RenameTable && action.name == drop.name;
        });
    });
    if (!rebuilt) return;
    std::vector<std::string> lost;
    for (const auto& [index, table] : review.made().indexes) {
        if (table == drop.name) lost.push_back(index);
    }
    // Another name may be the same index; fewer of them are not.
    const auto made = std::count_if(after, deeds.end(), [&](const Deed& one) {
        return one.kind == Kind::CreateIndex && one.table == drop.name;
    });
    if (lost.size() <= static_cast<std::size_t>(made)) return;
    const auto missing = std::ranges::find_if(lost, [&](const std::string& name) {
        return std::none_of(after, deeds.end(), [&](const Deed& one) {
            return one.kind == Kind::CreateIndex && one.name == name;
        });
    });
    if (missing == lost.end()) return;
    review.tell(kRebuildLosesIndex, nullptr,
                "the index " + quoted(*missing) + " goes with " + quoted(drop.name) +
                    " and is not made again",
                "create it again after the rename, or drop it by its name before");
}

void look_at_rename(Review& review) {
    const Deed& deed = review.deed();
    const auto& deeds = review.scene().deeds;
    const auto here = static_cast<std::ptrdiff_t>(review.index());
    const bool renames = std::ranges::find(deed.actions, Action::Kind::RenameTable,
                                           &Action::kind) != deed.actions.end();
    if (!renames || review.is_before(3, 26) || review.is_new(deed.table)) return;
    const bool again = std::any_of(
        deeds.begin() + here + 1, deeds.end(),
        [&](const Deed& one) { return one.kind == Kind::CreateTable && one.name == deed.table; });
    const auto& statements = review.scene().script.statements;
    const bool legacy = std::any_of(
        statements.begin(), statements.begin() + here,
        [](const Statement& one) { return has_word(one.tokens, "legacy_alter_table"); });
    if (!again || legacy) return;
    review.tell(kRenameAway, deed.actions.front().at,
                "foreign keys, triggers and views that name " + quoted(deed.table) +
                    " follow it to its new name",
                "make the new table under another name, drop the old one, rename the new one");
}

void look(Review& review) {
    if (review.on_postgres()) return;
    const Deed& deed = review.deed();
    const std::vector<sql::Token>& tokens = review.statement().tokens;
    if (is_unknown(review)) {
        review.tell(kNoSuchStatement, nullptr, "SQLite cannot parse it",
                    "write it in SQLite's words, or leave it out");
    }
    if (deed.kind == Kind::AlterTable) {
        look_at_alter(review);
        look_at_rename(review);
    } else if (deed.kind == Kind::Drop && deed.object == "table") {
        look_at_rebuild(review);
    } else if (deed.kind == Kind::Insert && review.is_new(deed.table) && deed.selects) {
        TokenWalk walk(tokens);
        // `select *` right behind the name: neither side says which column.
        if (walk.find("into") && walk.take_name() == deed.table && walk.take("select") &&
            walk.at_symbol('*')) {
            review.tell(kCopyByPosition, nullptr,
                        "a value goes into whichever column of " + quoted(deed.table) +
                            " is at its place",
                        "name the columns on both sides");
        }
    }
    const bool ignored = sql::in_transaction(tokens, sql::Dialect::Sqlite) ==
                         sql::InTransaction::Ignored;
    const auto& script = review.scene().script;
    if (!ignored || !script.in_transaction || script.statements.size() < 2) return;
    review.tell(kPragmaInTransaction, nullptr,
                "it does nothing: the file runs in a transaction",
                "write pragma defer_foreign_keys = on, or let the file run outside of a "
                "transaction");
}

}  // namespace

RuleGroup sqlite_rules() { return {.rules = kRules, .statement = look}; }

}  // namespace drydock::migrate
