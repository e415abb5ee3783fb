#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/migrate/deed.h"
#include "engine/migrate/lint.h"

// One lint: what the rules know while they look, and where they tell what they find. Of this room
// alone; lives for one call of lint(), on its thread.
namespace drydock::migrate {

// What the statements until here have made.
struct Made {
    std::map<std::string, std::map<std::string, ColumnType, std::less<>>, std::less<>> columns;
    std::map<std::string, std::string, std::less<>> indexes;  // by name: the table
    std::set<std::pair<std::string, std::string>> never_null;  // (table, column), by a check
    // NOT VALID so far: (table, constraint), and the column that it proves.
    std::map<std::pair<std::string, std::string>, std::string> unproven;
    std::map<std::string, const Script*, std::less<>> tables;  // of the plan, and where
};

// A script with what its statements do.
struct Scene {
    const Migration& migration;
    const Script& script;
    bool down = false;
    std::vector<Deed> deeds;  // as many as statements
    std::vector<std::size_t> alters;  // which of them alter a table
};

class Review final {
  public:
    Review(const Folder& folder, const LintOptions& options);

    [[nodiscard]] const Folder& folder() const { return folder_; }
    [[nodiscard]] const LintOptions& options() const { return options_; }
    [[nodiscard]] const Made& made() const { return made_; }
    [[nodiscard]] bool on_postgres() const {
        return options_.dialect == sql::Dialect::Postgres;
    }
    // Whether the server is known to be older than `major`.`minor`.
    [[nodiscard]] bool is_before(int major, int minor = 0) const;
    [[nodiscard]] bool is_since(int major, int minor = 0) const;  // known to be, likewise

    // Whether the plan made the table, until here.
    [[nodiscard]] bool is_new(std::string_view table) const;
    // Whether a lock on it, or a scan of it, is felt: it is not new, and not known to be small.
    [[nodiscard]] bool weighs(std::string_view table);
    // Not new, and not known to be empty.
    [[nodiscard]] bool has_rows(std::string_view table);
    // " (1,200,000 rows, 300 MiB)", or empty.
    [[nodiscard]] std::string size_of(std::string_view table) const;

    // A finding in the statement that is looked at, at `at` or its beginning.
    void tell(const Rule& rule, const sql::Token* at, std::string message, std::string hint);
    // One of the file, which has no statement of its own.
    void tell_of_file(const Rule& rule, std::string message, std::string hint);

    // The statement that is looked at.
    [[nodiscard]] const Scene& scene() const { return *scene_; }
    [[nodiscard]] const Deed& deed() const { return scene_->deeds[index_]; }
    [[nodiscard]] const Statement& statement() const { return scene_->script.statements[index_]; }
    [[nodiscard]] std::size_t index() const { return index_; }

    void look_at(const Scene& scene);
    void look_at(std::size_t statement) { index_ = statement; }
    void begin_plan() { made_.tables.clear(); }
    void remember();  // what the statement has made
    // The most that the findings in this statement cost. They are told no more.
    [[nodiscard]] Cost take_cost();
    // Tells of waivers without effect and gives what is left.
    void end_scene();
    [[nodiscard]] std::vector<Finding> finish();

  private:
    struct Told {
        Finding finding;
        const Statement* statement = nullptr;  // null: of the file
    };
    void remember_actions(const Deed& deed);
    void remember_table(const Deed& deed);
    void hush() { hushed_.insert(&statement()); }

    const Folder& folder_;
    const LintOptions& options_;
    std::optional<std::pair<int, int>> version_;
    Made made_;
    const Scene* scene_ = nullptr;
    std::size_t index_ = 0;
    std::vector<Told> told_;  // of the scene
    // Statements where a rule was silent because of what is known now: their waivers may stay.
    std::set<const Statement*> hushed_;
    std::vector<Finding> findings_;
};

// `migration` outlives it.
[[nodiscard]] Scene scene_of(const Migration& migration, const Script& script, bool down);
// What the statements make is known from now on. Nothing is told.
void pass(Review& review, const Scene& scene);
// What the statement that is looked at costs, by the rules of lint. Nothing is told.
[[nodiscard]] Cost cost_now(Review& review);

// "users": as it is told.
[[nodiscard]] std::string quoted(std::string_view name);

// A group of rules: what there is, and what looks for it. `statement` is called for each statement
// of an up script, before it is remembered; `script` once for each script, after its statements.
struct RuleGroup {
    std::span<const Rule* const> rules;
    void (*statement)(Review& review) = nullptr;
    void (*script)(Review& review) = nullptr;
};
[[nodiscard]] RuleGroup lock_rules();
[[nodiscard]] RuleGroup constraint_rules();
[[nodiscard]] RuleGroup rewrite_rules();
[[nodiscard]] RuleGroup break_rules();
[[nodiscard]] RuleGroup transaction_rules();
[[nodiscard]] RuleGroup reverse_rules();
[[nodiscard]] RuleGroup type_rules();
[[nodiscard]] RuleGroup habit_rules();
[[nodiscard]] RuleGroup sqlite_rules();

}  // namespace drydock::migrate
