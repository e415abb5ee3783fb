#include <algorithm>
#include <array>

#include "engine/migrate/review.h"

// Constraints on tables that have rows: each is proven by reading all of them, under a lock.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kNotNullWithoutDefault{
    .name = "not-null-without-default",
    .level = Level::Error,
    .summary = "a column that may not be null comes without a value for the rows that are there",
    .why = "The statement fails on a table that has a row. On an empty one it works, so that a "
           "test does not show it.",
    .bad = "alter table users add column plan text not null;\n",
    .good = "alter table users add column plan text not null default 'free';\n"};
constexpr Rule kSetNotNullScans{
    .name = "set-not-null-scans",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "SET NOT NULL reads the whole table under the strongest lock",
    .why = "All rows are read while an ACCESS EXCLUSIVE lock stops every query of the table. From "
           "PostgreSQL 12 on a valid check that the column is not null spares the scan: add it NOT "
           "VALID, validate it in a later migration (that lets reads and writes go on), then SET "
           "NOT NULL, then drop the check.",
    .bad = "alter table users alter column plan set not null;\n",
    .good = R"(alter table users add constraint plan_there check (plan is not null) not valid;
)"};
constexpr Rule kConstraintWithoutNotValid{
    .name = "constraint-without-not-valid",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "a check or foreign key is added and proven in one statement",
    .why = "The rows are read under a lock: ACCESS EXCLUSIVE for a check, SHARE ROW EXCLUSIVE on "
           "both tables for a foreign key. With NOT VALID it holds for new rows at once; VALIDATE "
           "CONSTRAINT in a later migration reads the old ones while reads and writes go on.",
    .bad = R"(alter table orders add constraint orders_user
    foreign key (user_id) references users (id);
)",
    .good = R"(alter table orders add constraint orders_user
    foreign key (user_id) references users (id) not valid;
)"};
constexpr Rule kValidateWithNotValid{
    .name = "validate-with-not-valid",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "a constraint is added NOT VALID and validated in the same transaction",
    .why = "The lock of the ALTER TABLE that added it is held until the commit, so the scan runs "
           "under it after all.",
    .bad = R"(alter table orders add constraint paid check (paid >= 0) not valid;
alter table orders validate constraint paid;
)",
    .good = "alter table orders validate constraint paid;\n"};
constexpr Rule kUniqueConstraintBlocks{
    .name = "unique-constraint-blocks",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "a unique or exclusion constraint builds its index under the strongest lock",
    .why = "Every query of the table waits (ACCESS EXCLUSIVE) until the index is built. Build a "
           "unique index concurrently first; the constraint takes it over in a moment. For an "
           "exclusion constraint there is no such way: plan a pause.",
    .bad = "alter table users add constraint users_email unique (email);\n",
    .good = "alter table users add constraint users_email unique using index users_email_index;\n"};
constexpr Rule kPrimaryKeyBlocks{
    .name = "primary-key-blocks",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "a primary key builds its index, and proves not null, under the strongest lock",
    .why = "Every query of the table waits (ACCESS EXCLUSIVE) until the index is built and all "
           "rows are read. Build a unique index concurrently first, on columns that are NOT NULL.",
    .bad = "alter table events add primary key (id);\n",
    .good = "alter table events add constraint events_key primary key using index events_id;\n"};
constexpr Rule kAddColumnUnique{
    .name = "add-column-unique",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "a new column is unique at once, so that its index is built under the strongest "
               "lock",
    .why = "The index over all rows is built while every query of the table waits (ACCESS "
           "EXCLUSIVE).",
    .bad = "alter table users add column handle text unique;\n",
    .good = "alter table users add column handle text;\n"};
constexpr std::array kRules{&kNotNullWithoutDefault, &kSetNotNullScans, &kConstraintWithoutNotValid,
                            &kValidateWithNotValid,  &kUniqueConstraintBlocks, &kPrimaryKeyBlocks,
                            &kAddColumnUnique};

std::string on(Review& review) {
    return quoted(review.deed().table) + review.size_of(review.deed().table);
}

bool is_serial(const ColumnType& type) { return type.name.ends_with("serial"); }

void look_at_column(Review& review, const Action& action) {
    const Column& column = action.column;
    const bool filled = !column.fallback.empty() || column.identity || column.stored ||
                        (review.on_postgres() && is_serial(column.type)) ||
                        has_word(review.statement().tokens, "generated");
    if (column.not_null && !filled && review.has_rows(review.deed().table)) {
        review.tell(kNotNullWithoutDefault, action.at,
                    "it fails when " + on(review) + " has a row: " + quoted(column.name) +
                        " would be null in it",
                    "give it a default, or add it without not null and fill it first");
    }
    if (!review.on_postgres()) return;
    if ((column.unique || column.primary_key) && review.weighs(review.deed().table)) {
        review.tell(kAddColumnUnique, action.at,
                    "all queries of " + on(review) +
                        " wait until the index is built (ACCESS EXCLUSIVE lock)",
                    "add the column; create a unique index concurrently; then add the constraint "
                    "using that index");
    }
    const bool proven = column.check || (column.references && !column.fallback.empty());
    if (proven && review.weighs(review.deed().table)) {
        review.tell(kConstraintWithoutNotValid, action.at,
                    "all rows of " + on(review) +
                        " are read while all its queries wait (ACCESS EXCLUSIVE lock)",
                    "add the column, then the constraint as not valid, and validate it in a later "
                    "migration");
    }
}

void look_at_constraint(Review& review, const Action& action) {
    const Constraint& constraint = action.constraint;
    const bool key = constraint.kind == Constraint::Kind::ForeignKey;
    if (constraint.using_index || constraint.not_valid) return;
    if (!review.weighs(review.deed().table)) return;
    if (constraint.kind == Constraint::Kind::PrimaryKey) {
        review.tell(kPrimaryKeyBlocks, action.at,
                    "all queries of " + on(review) +
                        " wait until its index is built (ACCESS EXCLUSIVE lock)",
                    "create a unique index concurrently, then add primary key using index");
    } else if (constraint.kind == Constraint::Kind::Unique ||
               constraint.kind == Constraint::Kind::Exclude) {
        review.tell(kUniqueConstraintBlocks, action.at,
                    "all queries of " + on(review) +
                        " wait until its index is built (ACCESS EXCLUSIVE lock)",
                    "create a unique index concurrently, then add the constraint using index");
    } else if (constraint.kind == Constraint::Kind::Check || key) {
        review.tell(kConstraintWithoutNotValid, action.at,
                    "all rows of " + on(review) + " are read while " +
                        (key ? "writes to it and to " + quoted(constraint.references) +
                                   " wait (SHARE ROW EXCLUSIVE lock)"
                             : std::string("all its queries wait (ACCESS EXCLUSIVE lock)")),
                    "add it with not valid, and validate constraint in a later migration");
    }
}

void look_at_not_null(Review& review, const Action& action) {
    const bool proven = !review.is_before(12) &&
                        review.made().never_null.contains({review.deed().table, action.name});
    if (proven || !review.weighs(review.deed().table)) return;
    review.tell(kSetNotNullScans, action.at,
                "all rows of " + on(review) +
                    " are read while all its queries wait (ACCESS EXCLUSIVE lock)",
                "prove it first: add a check (" + action.name +
                    " is not null) not valid, and validate it in a later migration");
}

void look_at_validation(Review& review, const Action& action) {
    if (!review.scene().script.in_transaction || action.name.empty()) return;
    const auto adds = [&](const Deed& deed) {
        return deed.kind == Kind::AlterTable && deed.table == review.deed().table &&
               std::ranges::any_of(deed.actions, [&](const Action& one) {
                   return one.kind == Action::Kind::AddConstraint && one.name == action.name &&
                          one.constraint.not_valid;
               });
    };
    const auto& deeds = review.scene().deeds;
    const auto here = deeds.begin() + static_cast<std::ptrdiff_t>(review.index()) + 1;
    if (std::none_of(deeds.begin(), here, adds) || !review.weighs(review.deed().table)) return;
    review.tell(kValidateWithNotValid, action.at,
                "the lock of the statement that added " + quoted(action.name) +
                    " is held while all rows of " + on(review) + " are read",
                "validate it in a migration of its own");
}

void look(Review& review) {
    if (review.deed().kind != Kind::AlterTable) return;
    for (const Action& action : review.deed().actions) {
        if (action.kind == Action::Kind::AddColumn) look_at_column(review, action);
        if (!review.on_postgres()) continue;
        if (action.kind == Action::Kind::AddConstraint) look_at_constraint(review, action);
        if (action.kind == Action::Kind::SetNotNull) look_at_not_null(review, action);
        if (action.kind == Action::Kind::ValidateConstraint) look_at_validation(review, action);
    }
}

}  // namespace

RuleGroup constraint_rules() { return {.rules = kRules, .statement = look}; }

}  // namespace drydock::migrate
