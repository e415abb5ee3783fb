#include "engine/migrate/deed.h"

namespace drydock::migrate {
namespace {

using Kind = Action::Kind;

void read_add(TokenWalk& walk, Action& action) {
    const bool column = walk.take("column");
    TokenWalk inner = walk;
    const bool not_null = !column && inner.take("not", "null");
    if (!column && (begins_constraint(walk) || not_null)) {
        action.kind = Kind::AddConstraint;
        action.constraint = constraint_of(walk.rest());
        action.name = action.constraint.name;
        return;
    }
    action.if_exists = walk.take("if", "not", "exists");
    if (walk.at_end()) return;
    action.kind = Kind::AddColumn;
    action.column = column_of(walk.rest());
    action.name = action.column.name;
}

void read_drop(TokenWalk& walk, Action& action) {
    action.kind = walk.take("constraint") ? Kind::DropConstraint : Kind::DropColumn;
    if (action.kind == Kind::DropColumn) walk.take("column");
    action.if_exists = walk.take("if", "exists");
    action.name = walk.take_name();
    action.cascade = walk.take("cascade");
}

void read_alter(TokenWalk& walk, Action& action) {
    if (walk.take("constraint")) return;
    walk.take("column");
    action.kind = Kind::OtherOfColumn;
    action.name = walk.take_name();
    if (walk.take("set", "not", "null")) {
        action.kind = Kind::SetNotNull;
    } else if (walk.take("set", "data", "type") || walk.take("type")) {
        action.kind = Kind::SetType;
        action.column.type = take_type(walk);
        if (walk.find("using")) action.conversion = walk.rest();
    }
}

void read_rename(TokenWalk& walk, Action& action) {
    if (walk.take("constraint")) return;
    if (walk.take("to")) {
        action.kind = Kind::RenameTable;
        action.name = walk.take_name();
        return;
    }
    walk.take("column");
    action.kind = Kind::RenameColumn;
    action.name = walk.take_name();
    if (walk.take("to")) action.column.name = walk.take_name();
}

Action action_of(Tokens tokens) {
    TokenWalk walk(tokens);
    Action action{.at = &tokens.front(), .words = tokens};
    if (walk.take("add")) {
        read_add(walk, action);
    } else if (walk.take("drop")) {
        read_drop(walk, action);
    } else if (walk.take("alter")) {
        read_alter(walk, action);
    } else if (walk.take("rename")) {
        read_rename(walk, action);
    } else if (walk.take("validate", "constraint")) {
        action.kind = Kind::ValidateConstraint;
        action.name = walk.take_name();
    } else if (walk.take("set", "logged") || walk.take("set", "unlogged") ||
               walk.take("set", "tablespace") || walk.take("set", "access", "method")) {
        action.kind = Kind::Rewrite;
    }
    return action;
}

}  // namespace

std::vector<Action> actions_of(Tokens tokens) {
    std::vector<Action> actions;
    for (const Tokens piece : cut_list(tokens)) actions.push_back(action_of(piece));
    return actions;
}

}  // namespace drydock::migrate
