#include "engine/migrate/deed.h"

#include <algorithm>
#include <array>

namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr std::array<std::string_view, 22> kObjects{
    "table",    "index",  "view",      "type",   "domain",  "function",  "procedure", "sequence",
    "schema",   "extension", "trigger", "policy", "rule",    "role",      "user",      "aggregate",
    "publication", "statistics", "collation", "server", "database", "tablespace"};

// "table", "materialized view"; empty: none that is known.
std::string take_object(TokenWalk& walk) {
    if (walk.take("materialized", "view")) return "materialized view";
    if (walk.take("event", "trigger")) return "event trigger";
    if (walk.take("foreign", "table") || walk.take("virtual", "table")) return "table";
    if (walk.take("user", "mapping")) return {};
    for (const std::string_view object : kObjects) {
        if (walk.take(object)) return object == "user" ? "role" : std::string(object);
    }
    return {};
}

bool take_unless(TokenWalk& walk) {
    return walk.take("if", "not", "exists") || walk.take("if", "exists");
}

void read_table(TokenWalk& walk, Deed& deed) {
    deed.kind = Kind::CreateTable;
    deed.table = deed.name;
    const bool written = walk.at_symbol('(');
    for (const Tokens piece : cut_list(walk.take_parentheses())) {
        const TokenWalk within(piece);
        if (begins_constraint(within)) {
            deed.constraints.push_back(constraint_of(piece));
        } else if (within.at("like")) {
            deed.copied = true;
        } else {
            deed.columns.push_back(column_of(piece));
        }
    }
    deed.copied = deed.copied || !written || walk.at("as") || walk.at("inherits");
}

// Where rows of a view, trigger, policy or rule belong: `on TABLE`.
void read_owner(TokenWalk& walk, Deed& deed) {
    const bool belongs =
        deed.object == "trigger" || deed.object == "policy" || deed.object == "rule";
    if (!belongs) return;
    if (deed.object == "rule") {
        if (walk.find("to")) deed.table = walk.take_name();
    } else if (deed.object == "trigger") {
        // `update of a, b on t`: the first `on` is the one.
        if (walk.find("on")) deed.table = walk.take_name();
    } else if (walk.take("on")) {
        deed.table = walk.take_name();
    }
}

void read_create(TokenWalk& walk, Deed& deed) {
    deed.kind = Kind::Create;
    deed.replaces = walk.take("or", "replace");
    deed.unless = deed.replaces;
    for (bool more = true; more;) {
        const bool temporary = walk.take("temp") || walk.take("temporary");
        deed.temporary = deed.temporary || temporary;
        const bool unique = walk.take("unique");
        deed.unique = deed.unique || unique;
        more = temporary || unique || walk.take("global") || walk.take("local") ||
               walk.take("unlogged") || walk.take("recursive") || walk.take("constraint") ||
               walk.take("trusted");
    }
    deed.object = take_object(walk);
    if (deed.object.empty()) return;
    deed.concurrently = walk.take("concurrently");
    deed.unless = take_unless(walk) || deed.unless;
    if (deed.object == "index") {
        deed.kind = Kind::CreateIndex;
        if (!walk.at("on")) deed.name = walk.take_name();
        walk.take("on");
        deed.only = walk.take("only");
        deed.table = walk.take_name();
        return;
    }
    if (deed.object == "schema" && walk.take("authorization")) {
        deed.name = walk.take_name();
        return;
    }
    deed.name = walk.take_name();
    if (deed.object == "table") {
        read_table(walk, deed);
    } else {
        read_owner(walk, deed);
    }
}

void read_drop(TokenWalk& walk, Deed& deed) {
    deed.kind = Kind::Drop;
    deed.object = take_object(walk);
    if (deed.object.empty()) return;
    deed.concurrently = walk.take("concurrently");
    deed.unless = take_unless(walk);
    do {
        deed.names.push_back(walk.take_name());
        if (walk.at_symbol('(')) walk.skip();
    } while (walk.take_symbol(','));
    deed.name = deed.names.front();
    if (walk.take("on")) deed.table = walk.take_name();
    deed.cascade = walk.take("cascade");
}

void read_alter(TokenWalk& walk, Deed& deed) {
    if (walk.take("foreign", "table") || walk.take("table")) {
        if (walk.at("all")) return;
        deed.kind = Kind::AlterTable;
        deed.unless = take_unless(walk);
        walk.take("only");
        deed.table = walk.take_name();
        walk.take_symbol('*');
        deed.actions = actions_of(walk.rest());
        return;
    }
    deed.object = take_object(walk);
    take_unless(walk);
    deed.name = walk.take_name();
    if (walk.take("rename", "to")) {
        deed.kind = Kind::Rename;
    } else if (deed.object == "type" && walk.take("add", "value")) {
        deed.kind = Kind::AddEnumValue;
        deed.unless = take_unless(walk);
        deed.label = walk.token().text;
    }
}

void read_truncate(TokenWalk& walk, Deed& deed) {
    deed.kind = Kind::Truncate;
    walk.take("table");
    do {
        walk.take("only");
        deed.names.push_back(walk.take_name());
        walk.take_symbol('*');
    } while (walk.take_symbol(','));
    deed.table = deed.names.front();
    deed.cascade = walk.find("cascade");
}

void read_set(TokenWalk& walk, Deed& deed) {
    deed.kind = Kind::Set;
    deed.local = walk.take("local");
    walk.take("session");
    deed.name = walk.take_name();
}

// Returns false when it is none of these.
bool read_change(TokenWalk& walk, Deed& deed) {
    if (walk.take("update")) {
        deed.kind = Kind::Update;
        if (walk.take("or")) walk.skip();
        walk.take("only");
    } else if (walk.take("delete", "from")) {
        deed.kind = Kind::Delete;
        walk.take("only");
    } else if (walk.take("insert")) {
        deed.kind = Kind::Insert;
        if (walk.take("or")) walk.skip();
        walk.take("into");
    } else {
        return false;
    }
    deed.table = walk.take_name();
    TokenWalk rest = walk;
    deed.has_where = rest.find("where");
    rest = walk;
    if (deed.kind == Kind::Insert)
        deed.selects = rest.find("select") && !has_word(walk.rest(), "values");
    return true;
}

void read_maintenance(TokenWalk& walk, Deed& deed) {
    if (walk.take("lock")) {
        deed.kind = Kind::LockTable;
        walk.take("table");
        walk.take("only");
        deed.table = walk.take_name();
    } else if (walk.take("reindex")) {
        deed.kind = Kind::Reindex;
        deed.concurrently = has_word(walk.rest(), "concurrently");
        deed.object = walk.at("table") ? "table" : "index";
        walk.find(deed.object);
        walk.take("concurrently");
        deed.name = walk.take_name();
    } else if (walk.take("cluster")) {
        deed.kind = Kind::Cluster;
        walk.take("verbose");
        deed.table = walk.take_name();
    } else if (walk.take("vacuum")) {
        deed.kind = Kind::Vacuum;
        deed.full = walk.at("full") || has_word(walk.take_parentheses(), "full");
        while (walk.take("full") || walk.take("freeze") || walk.take("verbose") ||
               walk.take("analyze")) {
        }
        deed.table = walk.take_name();
    } else if (walk.take("refresh", "materialized", "view")) {
        deed.kind = Kind::Refresh;
        deed.concurrently = walk.take("concurrently");
        deed.name = walk.take_name();
    } else if (walk.take("grant")) {
        deed.kind = Kind::Grant;
    }
}

}  // namespace

Deed deed_of(Tokens tokens) {
    TokenWalk walk(tokens);
    Deed deed;
    if (walk.take("create")) {
        read_create(walk, deed);
    } else if (walk.take("drop")) {
        read_drop(walk, deed);
    } else if (walk.take("alter")) {
        read_alter(walk, deed);
    } else if (walk.take("truncate")) {
        read_truncate(walk, deed);
    } else if (walk.take("set")) {
        read_set(walk, deed);
    } else if (walk.take("with")) {
        while (!walk.at_end() && !read_change(walk, deed) && !walk.at("select")) walk.skip();
    } else if (!read_change(walk, deed)) {
        read_maintenance(walk, deed);
    }
    return deed;
}

}  // namespace drydock::migrate
