#include <algorithm>
#include <array>

#include "engine/migrate/review.h"

// What makes PostgreSQL write every row of a table anew while nobody can read it.
namespace drydock::migrate {
namespace {

using Kind = Action::Kind;

constexpr Rule kTypeChangeRewrites{
    .name = "type-change-rewrites",
    .where = Where::Postgres,
    .cost = Cost::Rewrite,
    .summary = "a column gets a type for which all rows are written anew",
    .why = "An ACCESS EXCLUSIVE lock stops every query of the table until all rows and all indexes "
           "are written. A longer varchar, varchar to text, a numeric with more digits before the "
           "point and the like change the catalog only, and are passed over where the files tell "
           "the old type. Else: add a column, fill it in batches, take it over.",
    .bad = "alter table orders alter column id type bigint;\n",
    .good = R"(create table notes (title varchar(20));
alter table notes alter column title type varchar(40);
)"};
constexpr Rule kVolatileDefault{
    .name = "volatile-default",
    .where = Where::Postgres,
    .cost = Cost::Rewrite,
    .summary = "a new column has a default for which all rows are written anew",
    .why = "From PostgreSQL 11 on a default that is the same for all rows, now() among them, is "
           "kept in the catalog. One that differs from row to row, as random() and "
           "gen_random_uuid() do, is written into each row under an ACCESS EXCLUSIVE lock; so is "
           "any default before 11.",
    .bad = "alter table users add column token uuid default gen_random_uuid();\n",
    .good = R"(alter table users add column token uuid;
alter table users alter column token set default gen_random_uuid();
)"};
constexpr Rule kStoredColumnRewrites{
    .name = "stored-column-rewrites",
    .where = Where::Postgres,
    .cost = Cost::Rewrite,
    .summary = "a new column is numbered or computed for all rows that are there",
    .why = "Serial, identity and stored generated columns get a value in each row at once: the "
           "table is written anew under an ACCESS EXCLUSIVE lock.",
    .bad = "alter table users add column number bigserial;\n",
    .good = "alter table users add column number bigint;\n"};
constexpr Rule kRewritesTable{
    .name = "rewrites-table",
    .where = Where::Postgres,
    .cost = Cost::Rewrite,
    .summary = "a table is written anew as a whole",
    .why = "CLUSTER, VACUUM FULL, SET LOGGED, SET UNLOGGED, SET ACCESS METHOD and SET TABLESPACE "
           "copy the table under an ACCESS EXCLUSIVE lock: not even reads go on.",
    .bad = "vacuum full events;\n",
    .good = "vacuum events;\n"};
constexpr std::array kRules{&kTypeChangeRewrites, &kVolatileDefault, &kStoredColumnRewrites,
                            &kRewritesTable};

bool is_text(const ColumnType& type) {
    return type.name == "text" || (type.name == "varchar" && type.sizes.empty());
}

// Whether values of `from` are those of `to` as they are stored.
bool keeps_rows(const ColumnType& from, const ColumnType& to) {
    if (from == to) return true;
    if (from.array != to.array) return false;
    const bool wider = to.sizes.empty() || (from.sizes.size() == to.sizes.size() &&
                                            from.sizes.front() <= to.sizes.front());
    if (from.name == "varchar" || from.name == "text") {
        if (is_text(to)) return true;
        return from.name == "varchar" && to.name == "varchar" && !from.sizes.empty() && wider;
    }
    if (from.name == "cidr" && to.name == "inet") return true;
    if (from.name != to.name) return false;
    if (from.name == "numeric") {
        if (to.sizes.empty()) return true;
        const int scale = from.sizes.size() > 1 ? from.sizes[1] : 0;
        return !from.sizes.empty() && from.sizes.front() <= to.sizes.front() &&
               scale == (to.sizes.size() > 1 ? to.sizes[1] : 0);
    }
    const bool counted = from.name == "varbit" || from.name == "timestamp" ||
                         from.name == "timestamptz" || from.name == "time" ||
                         from.name == "interval";
    return counted && (to.sizes.empty() || (!from.sizes.empty() && wider));
}

// `using x` or `using x::type` leaves the values as they are.
bool converts(const Action& action) {
    TokenWalk walk(action.conversion);
    if (walk.at_end()) return false;
    if (folded(walk.token()) != action.name) return true;
    walk.skip();
    if (walk.at_end()) return false;
    if (walk.token().text != "::") return true;
    walk.skip();
    return take_type(walk) != action.column.type || !walk.at_end();
}

void look_at_type(Review& review, const Action& action) {
    const std::string& table = review.deed().table;
    const auto columns = review.made().columns.find(table);
    const ColumnType* old = nullptr;
    if (columns != review.made().columns.end()) {
        const auto column = columns->second.find(action.name);
        if (column != columns->second.end()) old = &column->second;
    }
    if (!converts(action)) {
        if (old != nullptr && keeps_rows(*old, action.column.type)) return;
        // Mostly it was a shorter varchar.
        if (old == nullptr && is_text(action.column.type)) return;
    }
    if (!review.weighs(table)) return;
    review.tell(kTypeChangeRewrites, action.at,
                "all rows of " + quoted(table) + review.size_of(table) +
                    " are written anew while all its queries wait (ACCESS EXCLUSIVE lock)" +
                    (old == nullptr ? ", unless the old type is stored alike" : ""),
                "add a column of the new type, fill it in batches, then let it take over");
}

bool is_volatile(Tokens expression) {
    constexpr std::array<std::string_view, 12> kFunctions{
        "random",           "gen_random_uuid", "clock_timestamp",    "timeofday",
        "nextval",          "setseed",         "uuid_generate_v1",   "uuid_generate_v1mc",
        "uuid_generate_v4", "uuidv7",          "uuidv4",             "gen_random_bytes"};
    return std::ranges::any_of(kFunctions,
                               [&](std::string_view name) { return has_word(expression, name); });
}

void look_at_column(Review& review, const Action& action) {
    const Column& column = action.column;
    const std::string& table = review.deed().table;
    const bool made = column.identity || column.stored || column.type.name.ends_with("serial");
    const bool differs = is_volatile(column.fallback) ||
                         (review.is_before(11) && !column.fallback.empty());
    if ((!made && !differs) || !review.weighs(table)) return;
    const std::string message =
        "all rows of " + quoted(table) + review.size_of(table) +
        " are written anew while all its queries wait (ACCESS EXCLUSIVE lock)";
    if (made) {
        review.tell(kStoredColumnRewrites, action.at, message,
                    "add a plain column, fill it in batches, then give it its sequence");
    } else {
        review.tell(kVolatileDefault, action.at, message,
                    "add the column without a default, set the default for new rows, and fill old "
                    "ones in batches");
    }
}

void look(Review& review) {
    if (!review.on_postgres()) return;
    const Deed& deed = review.deed();
    for (const Action& action : deed.actions) {
        if (action.kind == Kind::SetType) look_at_type(review, action);
        if (action.kind == Kind::AddColumn) look_at_column(review, action);
    }
    const auto rewrite = std::ranges::find(deed.actions, Kind::Rewrite, &Action::kind);
    const bool rewrites = rewrite != deed.actions.end() || deed.kind == Deed::Kind::Cluster ||
                          (deed.kind == Deed::Kind::Vacuum && deed.full);
    if (!rewrites || (!deed.table.empty() && !review.weighs(deed.table))) return;
    review.tell(kRewritesTable, rewrite != deed.actions.end() ? rewrite->at : nullptr,
                (deed.table.empty() ? std::string("each table it finds")
                                    : quoted(deed.table) + review.size_of(deed.table)) +
                    " is copied while all its queries wait (ACCESS EXCLUSIVE lock)",
                "do it in a pause that is announced, outside of migrations");
}

}  // namespace

RuleGroup rewrite_rules() { return {.rules = kRules, .statement = look}; }

}  // namespace drydock::migrate
