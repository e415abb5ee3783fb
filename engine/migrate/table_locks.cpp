#include "engine/migrate/table_locks.h"

#include <algorithm>
#include <array>

#include "engine/error.h"

namespace drydock::migrate {
namespace {

using enum LockMode;

struct ModeNames {
    LockMode mode;
    std::string_view name;
    std::string_view server;
    std::string_view felt;
};
constexpr std::array kModes{
    ModeNames{AccessShare, "ACCESS SHARE", "AccessShareLock", ""},
    ModeNames{RowShare, "ROW SHARE", "RowShareLock", ""},
    ModeNames{RowExclusive, "ROW EXCLUSIVE", "RowExclusiveLock", ""},
    ModeNames{ShareUpdateExclusive, "SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock", ""},
    ModeNames{Share, "SHARE", "ShareLock", "stops writes"},
    ModeNames{ShareRowExclusive, "SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock", "stops writes"},
    ModeNames{Exclusive, "EXCLUSIVE", "ExclusiveLock", "stops writes"},
    ModeNames{AccessExclusive, "ACCESS EXCLUSIVE", "AccessExclusiveLock",
              "stops reads and writes"},
};

const ModeNames& names_of(LockMode mode) {
    return *std::ranges::find(kModes, mode, &ModeNames::mode);
}

// PostgreSQL's table of conflicts: of each mode the weakest that it conflicts with, and the one
// exception (SHARE does not conflict with itself).
LockMode weakest_conflict(LockMode mode) {
    switch (mode) {
        case AccessShare: return AccessExclusive;
        case RowShare: return Exclusive;
        case RowExclusive: return Share;
        case ShareUpdateExclusive: return ShareUpdateExclusive;
        case Share:
        case ShareRowExclusive: return RowExclusive;
        case Exclusive: return RowShare;
        case AccessExclusive: return AccessShare;
    }
    return AccessShare;
}

// Collects the strongest of each table.
class Locks {
  public:
    void add(LockMode mode, std::string table, std::string index = {}) {
        if (table.empty() && index.empty()) return;
        const auto known = std::ranges::find_if(all_, [&](const TableLock& one) {
            return one.table == table && one.index == index;
        });
        if (known == all_.end())
            all_.push_back({.mode = mode, .table = std::move(table), .index = std::move(index)});
        else
            known->mode = std::max(known->mode, mode);
    }
    std::vector<TableLock> take() { return std::move(all_); }

  private:
    std::vector<TableLock> all_;
};

// Parameters of a table that may be set while others write, of SET ( … ) and RESET ( … ).
LockMode of_parameters(Tokens list) {
    constexpr std::array<std::string_view, 3> kOthers{"user_catalog_table", "security_barrier",
                                                      "check_option"};
    const bool strong =
        std::ranges::any_of(kOthers, [&](std::string_view word) { return has_word(list, word); });
    return strong ? AccessExclusive : ShareUpdateExclusive;
}

LockMode of_other(TokenWalk walk) {
    if (walk.take("enable") || walk.take("disable")) {
        if (walk.take("always") || walk.take("replica")) {
        }
        return walk.at("trigger") ? ShareRowExclusive : AccessExclusive;
    }
    if (walk.take("cluster", "on") || walk.take("set", "without", "cluster"))
        return ShareUpdateExclusive;
    if (walk.take("set") || walk.take("reset")) {
        if (walk.at_symbol('(')) return of_parameters(walk.take_parentheses());
        return AccessExclusive;
    }
    if (walk.take("attach", "partition")) return ShareUpdateExclusive;
    if (walk.take("detach", "partition"))
        return has_word(walk.rest(), "concurrently") ? ShareUpdateExclusive : AccessExclusive;
    return AccessExclusive;
}

// `alter column c set statistics …`, `set (n_distinct = …)`.
LockMode of_column(TokenWalk walk) {
    walk.take("alter");
    walk.take("column");
    walk.skip();
    if (walk.take("set", "statistics")) return ShareUpdateExclusive;
    const bool options = (walk.take("set") || walk.take("reset")) && walk.at_symbol('(');
    return options ? ShareUpdateExclusive : AccessExclusive;
}

// The table behind `references` in a column or constraint.
std::string referenced(Tokens words) {
    TokenWalk walk(words);
    return walk.find("references") ? walk.take_name() : std::string();
}

void add_action(const Deed& deed, const Action& action, Locks& locks) {
    using Kind = Action::Kind;
    LockMode mode = AccessExclusive;
    TokenWalk walk(action.words);
    switch (action.kind) {
        case Kind::AddConstraint:
            if (action.constraint.kind == Constraint::Kind::ForeignKey) {
                mode = ShareRowExclusive;
                locks.add(mode, action.constraint.references);
            }
            break;
        case Kind::AddColumn: locks.add(ShareRowExclusive, referenced(action.words)); break;
        case Kind::ValidateConstraint: mode = ShareUpdateExclusive; break;
        case Kind::OtherOfColumn: mode = of_column(walk); break;
        case Kind::Other:
            mode = of_other(walk);
            if (walk.take("attach", "partition")) locks.add(AccessExclusive, walk.take_name());
            if (walk.take("detach", "partition")) locks.add(mode, walk.take_name());
            if (walk.take("inherit")) locks.add(ShareUpdateExclusive, walk.take_name());
            if (walk.take("no", "inherit")) locks.add(AccessShare, walk.take_name());
            break;
        default: break;
    }
    locks.add(mode, deed.table);
}

void add_create_table(const Deed& deed, Tokens tokens, Locks& locks) {
    for (const Constraint& constraint : deed.constraints) {
        if (constraint.kind == Constraint::Kind::ForeignKey)
            locks.add(ShareRowExclusive, constraint.references);
    }
    for (const Column& column : deed.columns) {
        if (!column.references) continue;
        const auto from = static_cast<std::size_t>(column.at - tokens.data());
        locks.add(ShareRowExclusive, referenced(tokens.subspan(from)));
    }
    TokenWalk walk(tokens);
    if (walk.find("partition") && walk.take("of"))
        return locks.add(AccessExclusive, walk.take_name());
    walk = TokenWalk(tokens);
    if (!walk.find("inherits")) return;
    for (const Tokens parent : cut_list(walk.take_parentheses())) {
        TokenWalk name(parent);
        locks.add(ShareUpdateExclusive, name.take_name());
    }
}

void add_create(const Deed& deed, Tokens tokens, Locks& locks) {
    TokenWalk walk(tokens);
    if (deed.object == "trigger") return locks.add(ShareRowExclusive, deed.table);
    if (deed.object == "policy" || deed.object == "rule")
        return locks.add(AccessExclusive, deed.table);
    if (deed.object == "view" && deed.replaces) return locks.add(AccessExclusive, deed.name);
    if (deed.object == "statistics" && walk.find("from"))
        return locks.add(ShareUpdateExclusive, walk.take_name());
    if (deed.object != "publication" || !walk.find("table")) return;
    do {
        walk.take("only");
        locks.add(ShareUpdateExclusive, walk.take_name());
        if (walk.at_symbol('(')) walk.skip();
    } while (walk.take_symbol(','));
}

void add_drop(const Deed& deed, Locks& locks) {
    constexpr std::array<std::string_view, 3> kOfTable{"trigger", "policy", "rule"};
    if (std::ranges::find(kOfTable, deed.object) != kOfTable.end())
        return locks.add(AccessExclusive, deed.table);
    const bool relation = deed.object == "table" || deed.object == "view" ||
                          deed.object == "materialized view" || deed.object == "sequence";
    for (const std::string& name : deed.names) {
        if (deed.object == "index")
            locks.add(deed.concurrently ? ShareUpdateExclusive : AccessExclusive, {}, name);
        if (relation) locks.add(AccessExclusive, name);
    }
}

// LOCK TABLE a, b IN … MODE
void add_lock_table(Tokens tokens, Locks& locks) {
    TokenWalk walk(tokens);
    walk.take("lock");
    walk.take("table");
    std::vector<std::string> tables;
    do {
        walk.take("only");
        tables.push_back(walk.take_name());
        walk.take_symbol('*');
    } while (walk.take_symbol(','));
    LockMode mode = AccessExclusive;
    if (walk.take("in")) {
        std::string words;
        for (; !walk.at_end() && !walk.at("mode"); walk.skip())
            words += (words.empty() ? "" : " ") + folded(walk.token());
        std::ranges::transform(words, words.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
        const auto* const known = std::ranges::find(kModes, words, &ModeNames::name);
        if (known != kModes.end()) mode = known->mode;
    }
    for (std::string& table : tables) locks.add(mode, std::move(table));
}

// What no other part of lint asks for.
void add_unread(Tokens tokens, Locks& locks) {
    TokenWalk walk(tokens);
    if (walk.take("comment", "on")) {
        if (walk.take("table") || walk.take("view") || walk.take("materialized", "view"))
            return locks.add(ShareUpdateExclusive, walk.take_name());
        if (walk.take("column")) {
            const std::string name = walk.take_name();
            return locks.add(ShareUpdateExclusive, name.substr(0, name.rfind('.')));
        }
    } else if (walk.take("analyze") || walk.take("analyse")) {
        walk.take("verbose");
        if (walk.at_symbol('(')) walk.skip();
        locks.add(ShareUpdateExclusive, walk.take_name());
    } else if (walk.take("copy")) {
        const bool query = walk.at_symbol('(');
        const std::string table = query ? std::string() : walk.take_name();
        if (walk.at_symbol('(')) walk.skip();
        if (walk.at("from")) locks.add(RowExclusive, table);
    } else if (walk.take("merge", "into")) {
        walk.take("only");
        locks.add(RowExclusive, walk.take_name());
    } else if (walk.take("alter", "sequence")) {
        walk.take("if", "exists");
        locks.add(ShareRowExclusive, walk.take_name());
    } else if (walk.take("alter", "trigger") || walk.take("alter", "policy")) {
        if (walk.find("on")) locks.add(AccessExclusive, walk.take_name());
    } else if (walk.take("alter", "view") || walk.take("alter", "materialized", "view")) {
        walk.take("if", "exists");
        locks.add(AccessExclusive, walk.take_name());
    }
}

}  // namespace

std::string_view name_of(LockMode mode) { return names_of(mode).name; }
std::string_view felt(LockMode mode) { return names_of(mode).felt; }

LockMode lock_mode_from(std::string_view server_name) {
    const auto* const found = std::ranges::find(kModes, server_name, &ModeNames::server);
    if (found != kModes.end()) return found->mode;
    throw Error(ErrorCode::Sql, "the server has a lock of mode " + std::string(server_name),
                "this is a newer PostgreSQL than Drydock knows");
}

bool conflict(LockMode one, LockMode other) {
    if (one == Share && other == Share) return false;
    return other >= weakest_conflict(one);
}

std::vector<TableLock> locks_of(const Deed& deed, Tokens tokens) {
    using Kind = Deed::Kind;
    Locks locks;
    switch (deed.kind) {
        case Kind::CreateTable: add_create_table(deed, tokens, locks); break;
        case Kind::CreateIndex:
            locks.add(deed.concurrently ? ShareUpdateExclusive : Share, deed.table);
            break;
        case Kind::Create: add_create(deed, tokens, locks); break;
        case Kind::AlterTable:
            for (const Action& action : deed.actions) add_action(deed, action, locks);
            break;
        case Kind::Drop: add_drop(deed, locks); break;
        case Kind::Truncate:
            for (const std::string& table : deed.names) locks.add(AccessExclusive, table);
            break;
        case Kind::Update:
        case Kind::Delete:
        case Kind::Insert: locks.add(RowExclusive, deed.table); break;
        case Kind::LockTable: add_lock_table(tokens, locks); break;
        case Kind::Reindex: {
            const LockMode mode = deed.concurrently ? ShareUpdateExclusive : Share;
            if (deed.object == "table") locks.add(mode, deed.name);
            else locks.add(mode, {}, deed.name);
            break;
        }
        case Kind::Cluster: locks.add(AccessExclusive, deed.table); break;
        case Kind::Vacuum:
            locks.add(deed.full ? AccessExclusive : ShareUpdateExclusive, deed.table);
            break;
        case Kind::Refresh:
            locks.add(deed.concurrently ? Exclusive : AccessExclusive, deed.name);
            break;
        case Kind::Rename:
            // An index lets its table go on.
            if (deed.object == "view" || deed.object == "materialized view" ||
                deed.object == "sequence")
                locks.add(AccessExclusive, deed.name);
            break;
        default: add_unread(tokens, locks); break;
    }
    return locks.take();
}

}  // namespace drydock::migrate
