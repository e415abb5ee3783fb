#include "engine/schema/wanted.h"

#include <algorithm>
#include <array>

namespace drydock::schema {
namespace {

class Check final {
  public:
    explicit Check(const Catalog& catalog) : catalog_(catalog) {}

    void index(const std::string& name) {
        const Object* found = catalog_.find("index", name);
        if (found == nullptr) {
            miss("there is no index " + name + near("index", name));
            remedy("make what is missing by its migration, then drydock resume");
            return;
        }
        const auto state = found->facts.find("state");
        if (state == found->facts.end()) return;
        miss("index " + name + " is " + to_text(state->second) + ", so no query uses it");
        remedy("drop the index " + found->name + " and build it again, then drydock resume");
    }

    void columns(const std::string& table, const std::vector<std::string>& names) {
        const Object* found = holder(table);
        if (found == nullptr) return;
        for (const std::string& name : names) {
            if (part("column", *found, name) != nullptr) continue;
            miss(table + " has no column " + name);
            remedy("make what is missing by its migration, then drydock resume");
        }
    }

    void constraints(const std::string& table, const std::vector<std::string>& names) {
        const Object* found = holder(table);
        if (found == nullptr) return;
        for (const std::string& name : names) {
            const Object* constraint = part("constraint", *found, name);
            if (constraint == nullptr) {
                miss(table + " has no constraint " + name);
                remedy("make what is missing by its migration, then drydock resume");
                continue;
            }
            const auto definition = constraint->facts.find("definition");
            if (definition == constraint->facts.end() ||
                !to_text(definition->second).ends_with(" NOT VALID"))
                continue;
            findings_.warnings.push_back("constraint " + name + " of " + table +
                                         " holds for new rows only: it is NOT VALID; validate it");
        }
    }

    [[nodiscard]] Findings findings() && { return std::move(findings_); }

  private:
    void miss(std::string text) { findings_.missing.push_back(std::move(text)); }
    void remedy(const std::string& text) {
        auto& known = findings_.remedies;
        if (std::ranges::find(known, text) == known.end()) known.push_back(text);
    }

    // What has the columns: a table or a view.
    const Object* holder(const std::string& name) {
        constexpr std::array<std::string_view, 4> kKinds{"table", "foreign table", "view",
                                                         "materialized view"};
        for (const std::string_view kind : kKinds) {
            if (const Object* found = catalog_.find(kind, name)) return found;
        }
        const std::string text = "there is no table " + name + near("table", name);
        if (std::ranges::find(findings_.missing, text) == findings_.missing.end()) miss(text);
        remedy("make what is missing by its migration, then drydock resume");
        return nullptr;
    }

    const Object* part(const std::string& kind, const Object& of, const std::string& name) const {
        for (const std::string& written : {name, "\"" + name + "\""}) {
            const auto found = catalog_.objects.find(kind + " " + of.name + "." + written);
            if (found != catalog_.objects.end()) return &found->second;
        }
        return nullptr;
    }

    // One of that name that the session does not find.
    [[nodiscard]] std::string near(const std::string& kind, const std::string& name) const {
        for (const auto& [key, object] : catalog_.objects) {
            const std::size_t dot = object.name.rfind('.');
            if (object.kind != kind || dot == std::string::npos) continue;
            if (object.name.substr(dot + 1) == name)
                return ", but " + object.name + ", which is not in the search path";
        }
        return {};
    }

    const Catalog& catalog_;
    Findings findings_;
};

}  // namespace

Findings check(const Catalog& catalog, const Wanted& wanted) {
    Check one(catalog);
    for (const std::string& name : wanted.indexes) one.index(name);
    for (const auto& [table, names] : wanted.columns) one.columns(table, names);
    for (const auto& [table, names] : wanted.constraints) one.constraints(table, names);
    return std::move(one).findings();
}

}  // namespace drydock::schema
