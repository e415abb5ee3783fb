#pragma once

#include <span>
#include <string_view>

// Which keys a document may have: one table per kind of map. The reader takes exactly these (Fields
// holds it to that), the schemas for editors and the texts of `drydock explain` are made from them.
// Constants.
namespace drydock::runbook {

// `form` says what stands there, in a small language that handbook/form.h reads:
//   duration          a shape of that file, or another table by the name of its place
//   'stop' | 'undo'   words, or several forms
//   list of FORM, map of FORM
struct Key {
    std::string_view name;
    std::string_view form;
    bool required = false;
    std::string_view beside = {};     // only where one of these keys stands, separated by blanks
    std::string_view map_names = {};  // of a map: a regular expression of its names
    std::string_view meaning = {};    // for people: what it does, and what holds without it
    std::string_view example = {};    // a line or more of YAML
};

struct KeyTable {
    std::string_view place;  // "step", "retry": its name in forms and for people
    std::span<const Key> keys;
    std::string_view exactly_one = {};   // of these keys, separated by blanks
    std::string_view at_least_one = {};
};

[[nodiscard]] const KeyTable& runbook_keys();
[[nodiscard]] const KeyTable& step_keys();
[[nodiscard]] const KeyTable& gate_keys();
[[nodiscard]] const KeyTable& checked_item_keys();
[[nodiscard]] const KeyTable& side_body_keys();
[[nodiscard]] const KeyTable& retry_keys();
[[nodiscard]] const KeyTable& param_keys();   // a declaration under `params`
[[nodiscard]] const KeyTable& field_keys();   // a declaration anywhere else
[[nodiscard]] const KeyTable& secret_keys();
[[nodiscard]] const KeyTable& sqlite_keys();  // connections
[[nodiscard]] const KeyTable& postgres_keys();
[[nodiscard]] const KeyTable& redis_keys();
[[nodiscard]] const KeyTable& like_keys();
[[nodiscard]] const KeyTable& connect_keys();
[[nodiscard]] const KeyTable& contact_keys();
[[nodiscard]] const KeyTable& window_keys();

// All of the above, the document first.
[[nodiscard]] std::span<const KeyTable* const> runbook_tables();

}  // namespace drydock::runbook
