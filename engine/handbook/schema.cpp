#include "engine/handbook/schema.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/handbook/form.h"
#include "engine/handbook/tables.h"
#include "engine/json/json.h"

namespace drydock::handbook {
namespace {

using runbook::Key;
using runbook::KeyTable;

Value::List names_in(std::string_view words) {
    Value::List names;
    for (const std::string_view word : words_in(words)) names.emplace_back(word);
    return names;
}

// {"required": [name]} for each.
Value::List one_required(std::string_view words) {
    Value::List list;
    for (Value& name : names_in(words))
        list.emplace_back(Value::Map{{"required", Value::List{std::move(name)}}});
    return list;
}

// Writes the schemas of tables, and collects those that they lead to as definitions.
class SchemaWriter final {
  public:
    Value::Map document(const KeyTable& table, const std::string& title) {
        Value::Map made = object(table);
        made.emplace("$schema", "http://json-schema.org/draft-07/schema#");
        made.emplace("title", title);
        Value::Map definitions;
        while (!wanted_.empty()) {
            const std::string_view place = wanted_.back();
            wanted_.pop_back();
            if (!definitions.contains(place))
                definitions.emplace(std::string(place), object(table_of(place)));
        }
        if (!definitions.empty()) made.emplace("definitions", std::move(definitions));
        return made;
    }

  private:
    Value::Map object(const KeyTable& table) {
        Value::Map properties;
        Value::Map dependencies;
        Value::List required;
        for (const Key& key : table.keys) {
            properties.emplace(std::string(key.name), property(key));
            if (key.required) required.emplace_back(key.name);
            if (key.beside.empty()) continue;
            const bool one = key.beside.find(' ') == std::string_view::npos;
            dependencies.emplace(std::string(key.name),
                                 one ? Value(names_in(key.beside))
                                     : Value(Value::Map{{"anyOf", one_required(key.beside)}}));
        }
        Value::Map made{{"type", "object"},
                        {"additionalProperties", false},
                        {"properties", std::move(properties)}};
        if (!required.empty()) made.emplace("required", std::move(required));
        if (!dependencies.empty()) made.emplace("dependencies", std::move(dependencies));
        if (!table.exactly_one.empty()) made.emplace("oneOf", one_required(table.exactly_one));
        if (!table.at_least_one.empty()) made.emplace("anyOf", one_required(table.at_least_one));
        return made;
    }

    Value::Map property(const Key& key) {
        const Form form = read_form(key.form);
        Value made = written(form);
        Value::Map* map = made.find<Value::Map>();
        Value::Map property = map == nullptr ? Value::Map() : std::move(*map);
        if (form.kind == Form::Kind::List && key.required) property.emplace("minItems", 1);
        if (!key.map_names.empty()) {
            property.emplace("propertyNames",
                             Value::Map{{"pattern", "^" + std::string(key.map_names) + "$"}});
        }
        property.emplace("description", key.meaning);
        return property;
    }

    Value written(const Form& form) {
        switch (form.kind) {
            case Form::Kind::Shape: return json::parse(form.shape->schema);
            case Form::Kind::Word: return Value::Map{{"const", form.name}};
            case Form::Kind::Table:
                wanted_.push_back(form.name);
                return Value::Map{{"$ref", "#/definitions/" + std::string(form.name)}};
            case Form::Kind::List:
                return Value::Map{{"type", "array"}, {"items", written(form.inner.front())}};
            case Form::Kind::Map:
                return Value::Map{{"type", "object"},
                                  {"additionalProperties", written(form.inner.front())}};
            case Form::Kind::OneOf: break;
        }
        return alternatives(form);
    }

    // Words alone are an enum, which editors complete.
    Value alternatives(const Form& form) {
        Value::List words;
        Value::List others;
        for (const Form& one : form.inner) {
            if (one.kind == Form::Kind::Word)
                words.emplace_back(one.name);
            else
                others.push_back(written(one));
        }
        if (others.empty()) return Value::Map{{"enum", std::move(words)}};
        if (!words.empty()) others.emplace_back(Value::Map{{"enum", std::move(words)}});
        return Value::Map{{"anyOf", std::move(others)}};
    }

    std::vector<std::string_view> wanted_;
};

}  // namespace

const std::vector<std::string_view>& schema_kinds() {
    static const std::vector<std::string_view> kKinds{"runbook", "cases", "settings"};
    return kKinds;
}

Value schema_of(std::string_view kind) {
    if (std::ranges::find(schema_kinds(), kind) == schema_kinds().end()) {
        std::string all;
        for (const std::string_view one : schema_kinds())
            all += (all.empty() ? "" : ", ") + std::string(one);
        throw Error(ErrorCode::NotFound, "there is no schema " + std::string(kind),
                    "one of " + all);
    }
    return SchemaWriter().document(table_of(kind), "Drydock: " + std::string(kind));
}

}  // namespace drydock::handbook
