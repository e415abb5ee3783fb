#include "engine/migrate/deed_words.h"

#include <string_view>

namespace drydock::migrate {
namespace {

constexpr std::size_t kFirstWords = 4;

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
}

std::string named(std::string_view what, const std::string& name) {
    return std::string(what) + (name.empty() ? "" : " " + name);
}

std::string_view kind_of(const Constraint& constraint) {
    switch (constraint.kind) {
        case Constraint::Kind::Check: return "check";
        case Constraint::Kind::ForeignKey: return "foreign key";
        case Constraint::Kind::Unique: return "unique constraint";
        case Constraint::Kind::PrimaryKey: return "primary key";
        case Constraint::Kind::Exclude: return "exclusion constraint";
        case Constraint::Kind::NotNull: return "not null constraint";
    }
    return "constraint";
}

std::string first_words(Tokens tokens, std::size_t most) {
    std::string words;
    for (std::size_t i = 0; i < tokens.size() && i < most; ++i)
        words += (words.empty() ? "" : " ") + folded(tokens[i]);
    return words;
}

std::string of_action(const Action& action) {
    using Kind = Action::Kind;
    switch (action.kind) {
        case Kind::AddColumn: return named("add column", action.name);
        case Kind::DropColumn: return named("drop column", action.name);
        case Kind::RenameColumn: return named("rename column", action.name);
        case Kind::RenameTable: return named("rename to", action.name);
        case Kind::SetType: return "type of " + action.name + " to " + action.column.type.name;
        case Kind::SetNotNull: return action.name + " not null";
        case Kind::AddConstraint: {
            const std::string_view late = action.constraint.not_valid ? ", not valid" : "";
            return named("add " + std::string(kind_of(action.constraint)), action.name) +
                   std::string(late);
        }
        case Kind::DropConstraint: return named("drop constraint", action.name);
        case Kind::ValidateConstraint: return named("validate constraint", action.name);
        case Kind::Rewrite:
        case Kind::OtherOfColumn:
        case Kind::Other: break;
    }
    return first_words(action.words, kFirstWords);
}

std::string of_alter(const Deed& deed) {
    std::string all;
    for (const Action& action : deed.actions) all += (all.empty() ? "" : ", ") + of_action(action);
    return named("alter table", deed.table) + (all.empty() ? "" : ": " + all);
}

std::string every_row(const Deed& deed) { return deed.has_where ? "" : ", every row"; }

std::string of_index(const Deed& deed) {
    return named(std::string("create ") + (deed.unique ? "unique " : "") + "index" +
                     (deed.concurrently ? " concurrently" : ""),
                 deed.name) +
           " on " + deed.table;
}

}  // namespace

std::string words_of(const Deed& deed, Tokens tokens) {
    using Kind = Deed::Kind;
    const std::string_view late = deed.concurrently ? " concurrently" : "";
    switch (deed.kind) {
        case Kind::CreateTable: return named("create table", deed.name);
        case Kind::CreateIndex: return of_index(deed);
        case Kind::Create:
            if (deed.object.empty()) break;
            return named("create " + deed.object, deed.name) +
                   (deed.table.empty() ? "" : " on " + deed.table);
        case Kind::AlterTable: return of_alter(deed);
        case Kind::AddEnumValue: return "add " + deed.label + " to type " + deed.name;
        case Kind::Rename: return "rename " + deed.object + " " + deed.name;
        case Kind::Drop:
            if (deed.object.empty()) break;
            return "drop " + deed.object + std::string(late) + " " + joined(deed.names) +
                   (deed.table.empty() ? "" : " on " + deed.table);
        case Kind::Truncate: return "truncate " + joined(deed.names);
        case Kind::Update: return "update " + deed.table + every_row(deed);
        case Kind::Delete: return "delete from " + deed.table + every_row(deed);
        case Kind::Insert: return "insert into " + deed.table;
        case Kind::LockTable: return "lock table " + deed.table;
        case Kind::Set: return named("set", deed.name);
        case Kind::Reindex: return "reindex " + deed.object + std::string(late) + " " + deed.name;
        case Kind::Cluster: return named("cluster", deed.table);
        case Kind::Vacuum: return named(deed.full ? "vacuum full" : "vacuum", deed.table);
        case Kind::Refresh: return "refresh" + std::string(late) + " " + deed.name;
        case Kind::Grant:
        case Kind::Other: break;
    }
    return first_words(tokens, kFirstWords);
}

}  // namespace drydock::migrate
