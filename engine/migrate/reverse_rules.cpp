#include <algorithm>
#include <array>
#include <set>

#include "engine/migrate/review.h"

// Whether a migration can be taken back, and whether that takes back what it did.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kMissingDown{
    .name = "missing-down",
    .summary = "nothing says how the migration is taken back",
    .why = "When the release has to go back, somebody writes it in a hurry. Write it now, or say "
           "that there is none: -- drydock: irreversible REASON.",
    .bad = R"(-- migrate:up
create table tags (id bigint primary key);
)",
    .good = R"(-- migrate:up
create table tags (id bigint primary key);
-- migrate:down
drop table tags;
)"};
constexpr Rule kEmptyDown{
    .name = "empty-down",
    .summary = "what takes the migration back has no statement",
    .why = "Going back seems to work and changes nothing: the history says that the migration is "
           "not applied, and the database has it. Going up again fails.",
    .bad = R"(-- migrate:up
create table tags (id bigint primary key);
-- migrate:down
)",
    .good = R"(-- migrate:up
-- drydock: irreversible the old rows are gone
drop table tags;
-- migrate:down
)"};
constexpr Rule kDownDoesNotReverse{
    .name = "down-does-not-reverse",
    .summary = "what is made on the way up is left on the way down",
    .why = "After down the database has something that no applied file made, and up fails, for it "
           "is there already.",
    .bad = R"(-- migrate:up
create table tags (id bigint primary key);
create type mood as enum ('calm');
-- migrate:down
drop table tags;
)",
    .good = R"(-- migrate:up
create table tags (id bigint primary key);
create type mood as enum ('calm');
-- migrate:down
drop table tags;
drop type mood;
)"};
constexpr std::array kRules{&kMissingDown, &kEmptyDown, &kDownDoesNotReverse};

// A thing that is made: "table tags", "column users.plan".
struct Thing {
    std::string kind;
    std::string name;
    std::string table;  // where it belongs, if it does
    std::size_t statement = 0;
    const sql::Token* at = nullptr;
};

void add_made(const Deed& deed, std::size_t index, std::vector<Thing>& made) {
    if (deed.temporary || deed.replaces) return;
    if (deed.kind == Kind::CreateTable) {
        made.push_back({"table", deed.name, deed.name, index});
    } else if (deed.kind == Kind::CreateIndex && !deed.name.empty()) {
        made.push_back({"index", deed.name, deed.table, index});
    } else if (deed.kind == Kind::Create && !deed.object.empty() && !deed.name.empty() &&
               deed.object != "extension" && deed.object != "database") {
        made.push_back({deed.object, deed.name, deed.table, index});
    } else if (deed.kind == Kind::AlterTable) {
        for (const Action& action : deed.actions) {
            if (action.kind == Action::Kind::AddColumn)
                made.push_back({"column", action.name, deed.table, index, action.at});
        }
    }
}

// A name without its schema: the other direction may leave it out.
std::string_view bare(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

// What a list of statements takes away, or gives another name.
class Taken {
  public:
    void add(const Deed& deed, const Statement& statement) {
        const std::vector<sql::Token>& tokens = statement.tokens;
        if (deed.kind == Kind::Drop && !deed.object.empty()) {
            for (const std::string& name : deed.names) add_dropped(deed, name);
            cascade_ = cascade_ || deed.cascade;
        } else if (deed.kind == Kind::AlterTable) {
            for (const Action& action : deed.actions) add_action(deed, action);
        } else if (deed.kind == Kind::Rename) {
            names_.insert(key(deed.object, deed.name));
        } else if (deed.kind == Kind::Other && !sql_only(tokens)) {
            opaque_ = true;
        } else if (deed.kind == Kind::Create && deed.replaces) {
            names_.insert(key(deed.object, deed.name));
        }
    }

    [[nodiscard]] bool has(const Thing& thing) const {
        if (opaque_ || all_) return true;
        if (thing.kind == "column") {
            if (columns_.contains({std::string(bare(thing.table)), thing.name})) return true;
        } else if (names_.contains(key(thing.kind, thing.name))) {
            return true;
        }
        // With its table goes what belongs to it.
        if (!thing.table.empty() && thing.kind != "table" && gone(thing.table)) return true;
        if (cascade_ && thing.kind != "table" && thing.kind != "column") return true;
        // An index goes with its column, too; which columns it has is not asked.
        if (thing.kind == "index") {
            return std::ranges::any_of(columns_, [&](const auto& column) {
                return column.first == bare(thing.table);
            });
        }
        return false;
    }

  private:
    static std::string key(std::string_view object, std::string_view name) {
        // A procedure or aggregate may be dropped as a routine or function.
        return std::string(object) + " " + std::string(bare(name));
    }
    [[nodiscard]] bool gone(const std::string& table) const {
        return names_.contains(key("table", table)) ||
               names_.contains(key("materialized view", table)) ||
               names_.contains(key("view", table));
    }
    // DO, CALL, SELECT f() and ALTER of other objects do what their words do not show.
    static bool sql_only(const std::vector<sql::Token>& tokens) {
        constexpr std::array<std::string_view, 5> kHidden{"do", "call", "select", "alter",
                                                          "execute"};
        return std::ranges::none_of(kHidden, [&](auto word) { return tokens.front().is(word); });
    }
    void add_dropped(const Deed& deed, const std::string& name) {
        names_.insert(key(deed.object, name));
        // All that is in it goes along.
        all_ = all_ || deed.object == "schema" || deed.object == "database";
    }
    void add_action(const Deed& deed, const Action& action) {
        const std::string table(bare(deed.table));
        if (action.kind == Action::Kind::DropColumn || action.kind == Action::Kind::RenameColumn) {
            columns_.emplace(table, action.name);
            cascade_ = cascade_ || action.cascade;
        } else if (action.kind == Action::Kind::RenameTable) {
            names_.insert(key("table", deed.table));
        } else if (action.kind == Action::Kind::DropConstraint) {
            names_.insert(key("index", action.name));
        }
    }

    std::set<std::string> names_;
    std::set<std::pair<std::string, std::string>> columns_;
    bool cascade_ = false;
    bool opaque_ = false;
    bool all_ = false;
};

void look_at_way_back(Review& review, const Script& down) {
    const Scene& scene = review.scene();
    std::vector<Thing> made;
    Taken taken;
    for (std::size_t i = 0; i < scene.deeds.size(); ++i) {
        add_made(scene.deeds[i], i, made);
        // What up itself takes away again, or gives another name, is not left.
        const Kind kind = scene.deeds[i].kind;
        const bool removes =
            kind == Kind::Drop || kind == Kind::AlterTable || kind == Kind::Rename;
        if (removes) taken.add(scene.deeds[i], scene.script.statements[i]);
    }
    for (const Statement& statement : down.statements)
        taken.add(deed_of(statement.tokens), statement);
    for (const Thing& thing : made) {
        if (taken.has(thing)) continue;
        review.look_at(thing.statement);
        const std::string name =
            thing.kind + " " +
            quoted(thing.kind == "column" ? thing.table + "." + thing.name : thing.name);
        review.tell(kDownDoesNotReverse, thing.at,
                    "the " + name + " is still there after " + down.file->path,
                    thing.kind == "column"
                        ? "alter table " + thing.table + " drop column " + thing.name
                        : "drop " + thing.kind + " " + thing.name + " on the way down");
    }
}

// Only a part of Flyway's users can take anything back.
bool wants_down(const Folder& folder) {
    return folder.format != Format::Flyway ||
           std::ranges::any_of(folder.migrations,
                               [](const Migration& one) { return one.down.has_value(); });
}

void look(Review& review) {
    const Migration& migration = review.scene().migration;
    if (review.scene().down || migration.kind == Migration::Kind::Repeatable) return;
    if (review.scene().deeds.empty()) return;
    if (migration.reverse == Reverse::Missing && wants_down(review.folder())) {
        review.tell_of_file(kMissingDown, "nothing says how to take it back",
                            "write what takes it back, or -- drydock: irreversible REASON");
    } else if (migration.reverse == Reverse::Empty) {
        review.tell_of_file(kEmptyDown, "taking it back changes nothing",
                            "write what takes it back, or -- drydock: irreversible REASON");
    } else if (migration.reverse == Reverse::Script) {
        look_at_way_back(review, *migration.down);
    }
}

}  // namespace

RuleGroup reverse_rules() { return {.rules = kRules, .script = look}; }

}  // namespace drydock::migrate
