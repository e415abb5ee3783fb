#include <algorithm>
#include <array>

#include "engine/migrate/review.h"

// Habits: what a team may ask of its files, and settings that outlive them.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kNotIdempotent{
    .name = "not-idempotent",
    .level = Level::Warning,
    .optional = true,
    .summary = "a statement fails when what it makes is there, or what it drops is not",
    .why = "A team that runs files again after a failure halfway wants each to do nothing the "
           "second time. With `if not exists` a table of another shape is taken for the right one, "
           "which is why this is asked for by option only.",
    .bad = "create table tags (id bigint primary key);\n",
    .good = "create table if not exists tags (id bigint primary key);\n"};
constexpr Rule kNameWithoutVerb{
    .name = "name-without-verb",
    .level = Level::Info,
    .optional = true,
    .summary = "the name of a migration does not begin with what it does, or is not snake_case",
    .why = "In a list of hundreds, add_email_to_users says what happened; users_email does not.",
    .bad = R"(-- 000012_users_email.up.sql
alter table users add column email text;
)",
    .good = R"(-- 000012_add_email_to_users.up.sql
alter table users add column email text;
)"};
constexpr Rule kSetSearchPath{
    .name = "set-search-path",
    .where = Where::Postgres,
    .summary = "the search_path of the session is set and not given back",
    .why = "The migrations after it, and the tool's own table of what is applied, are looked for "
           "in other schemas. A dump of pg_dump begins with such a line.",
    .bad = "set search_path = '';\n",
    .good = "set local search_path = '';\n"};
constexpr Rule kSecurityDefiner{
    .name = "security-definer-without-search-path",
    .where = Where::Postgres,
    .summary = "a function runs with its owner's rights and its caller's search_path",
    .why = "Whoever calls it decides which tables and functions its names mean, by a search_path "
           "with objects of his own, and they run with the rights of the owner.",
    .bad = R"(create function balance() returns numeric language sql security definer
    as $$ select sum(amount) from payments $$;
)",
    .good = R"(create function balance() returns numeric language sql security definer
    set search_path = app, pg_temp
    as $$ select sum(amount) from payments $$;
)"};
constexpr std::array kRules{&kNotIdempotent, &kNameWithoutVerb, &kSetSearchPath,
                            &kSecurityDefiner};

constexpr std::array<std::string_view, 88> kVerbs{
    "add",      "create",   "drop",     "remove",    "delete",   "rename",    "alter",
    "change",   "update",   "set",      "unset",     "make",     "move",      "split",
    "merge",    "fix",      "backfill", "fill",      "insert",   "seed",      "enable",
    "disable",  "grant",    "revoke",   "allow",     "forbid",   "index",     "convert",
    "migrate",  "copy",     "extend",   "widen",     "shrink",   "replace",   "init",
    "install",  "attach",   "detach",   "validate",  "clean",    "cleanup",   "truncate",
    "restore",  "increase", "decrease", "require",   "use",      "introduce", "define",
    "normalize", "encrypt", "hash",     "store",     "track",    "link",      "unlink",
    "populate", "import",   "load",     "partition", "recreate", "rebuild",   "reindex",
    "reset",    "correct",  "ensure",   "deprecate", "archive",  "activate",  "support",
    "improve",  "optimize", "speed",    "prepare",   "record",   "relax",     "tighten",
    "swap",     "upgrade",  "modify",   "initialize", "rework",  "refactor",  "switch",
    "reorder",  "limit",    "invalidate", "purge"};

// Whether a statement before this one dropped, if it was there, what this one makes.
bool made_room(const Review& review, const Deed& deed) {
    const auto& deeds = review.scene().deeds;
    const auto here = deeds.begin() + static_cast<std::ptrdiff_t>(review.index());
    return std::any_of(deeds.begin(), here, [&](const Deed& one) {
        return one.kind == Kind::Drop && one.unless &&
               (one.object == deed.object || one.object == "schema") &&
               std::ranges::find(one.names, deed.name) != one.names.end();
    });
}

void look_at_repeat(Review& review) {
    const Deed& deed = review.deed();
    const bool creates = deed.kind == Kind::CreateTable || deed.kind == Kind::CreateIndex ||
                         (deed.kind == Kind::Create && !deed.object.empty());
    if (creates && !deed.unless && !deed.temporary && !made_room(review, deed)) {
        review.tell(kNotIdempotent, nullptr,
                    "it fails when the " + deed.object + " " + quoted(deed.name) + " is there",
                    "write create " + deed.object + " if not exists, or drop it if exists before");
    } else if (deed.kind == Kind::Drop && !deed.object.empty() && !deed.unless) {
        review.tell(kNotIdempotent, nullptr,
                    "it fails when the " + deed.object + " " + quoted(deed.name) + " is gone",
                    "write drop " + deed.object + " if exists");
    }
    if (!review.on_postgres()) return;  // SQLite has no such words for columns
    for (const Action& action : deed.actions) {
        const bool adds = action.kind == Action::Kind::AddColumn;
        const bool drops = action.kind == Action::Kind::DropColumn ||
                           action.kind == Action::Kind::DropConstraint;
        if ((!adds && !drops) || action.if_exists) continue;
        review.tell(kNotIdempotent, action.at,
                    "it fails when " + quoted(action.name) + (adds ? " is there" : " is gone"),
                    adds ? "write add column if not exists" : "write drop … if exists");
    }
}

void look_at_name(Review& review) {
    const Migration& migration = review.scene().migration;
    if (migration.name.empty()) return;
    const bool flyway = review.folder().format == Format::Flyway;
    std::string name = migration.name;
    if (flyway) {
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        });
    }
    const std::string_view first = std::string_view(name).substr(0, name.find_first_of("_ -"));
    if (std::ranges::find(kVerbs, first) == kVerbs.end()) {
        review.tell_of_file(kNameWithoutVerb, quoted(migration.name) + " does not say what is done",
                            "begin with a verb: add_, create_, drop_, rename_, …");
    } else if (!flyway && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") !=
                              std::string::npos) {
        review.tell_of_file(kNameWithoutVerb, quoted(migration.name) + " is not snake_case",
                            "write lower-case letters, digits and _");
    }
}

void look_at_script(Review& review) {
    const bool down = review.scene().down;
    if (review.options().verb_names && !down) look_at_name(review);
    if (!review.options().idempotent) return;
    for (std::size_t i = 0; i < review.scene().deeds.size(); ++i) {
        review.look_at(i);
        look_at_repeat(review);
    }
}

// select pg_catalog.set_config('search_path', …, false)
bool configures_path(Tokens tokens) {
    if (!tokens.front().is("select") || !has_word(tokens, "set_config")) return false;
    return has_word(tokens, "false") &&
           std::ranges::find(tokens, "'search_path'", &sql::Token::text) != tokens.end();
}

void look(Review& review) {
    if (!review.on_postgres()) return;
    const Deed& deed = review.deed();
    const std::vector<sql::Token>& tokens = review.statement().tokens;
    const bool sets = (deed.kind == Kind::Set && deed.name == "search_path" && !deed.local) ||
                      configures_path(tokens);
    if (sets) {
        const auto& statements = review.scene().script.statements;
        const bool given_back = std::any_of(
            statements.begin() + static_cast<std::ptrdiff_t>(review.index()) + 1, statements.end(),
            [](const Statement& one) {
                return one.tokens.front().is("reset") && one.tokens.size() > 1 &&
                       (one.tokens[1].is("search_path") || one.tokens[1].is("all"));
            });
        if (!given_back) {
            review.tell(kSetSearchPath, nullptr,
                        "the session looks in other schemas from here on, after this file as well",
                        "write set local, or reset search_path at the end");
        }
    }
    const bool function = deed.object == "function" || deed.object == "procedure";
    if (deed.kind != Kind::Create || !function) return;
    TokenWalk walk(tokens);
    while (walk.find("security")) {
        if (!walk.take("definer") || has_word(tokens, "search_path")) continue;
        review.tell(kSecurityDefiner, nullptr,
                    quoted(deed.name) + " finds its tables by the search_path of whoever calls it",
                    "say where: set search_path = app, pg_temp");
        return;
    }
}

}  // namespace

RuleGroup habit_rules() { return {.rules = kRules, .statement = look, .script = look_at_script}; }

}  // namespace drydock::migrate
