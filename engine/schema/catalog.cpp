#include "engine/schema/catalog.h"

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/schema/postgres_catalog.h"
#include "engine/schema/sqlite_catalog.h"

namespace drydock::schema {
namespace {

// Of the document. Another meaning of what stands in it is another number.
constexpr std::int64_t kFormat = 1;

[[noreturn]] void no_snapshot(const std::string& why) {
    throw Error(ErrorCode::Document, "this is no snapshot of a schema: " + why,
                "take one with schema.snapshot");
}

const Value& needed(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    if (found == nullptr) no_snapshot("it has no " + std::string(key));
    return *found;
}

std::string text_in(const Value& map, std::string_view key) {
    const Value& found = needed(map, key);
    if (!found.holds<std::string>()) no_snapshot(std::string(key) + " is no text");
    return found.as<std::string>();
}

std::vector<std::string> texts_in(const Value& map, std::string_view key) {
    const Value& found = needed(map, key);
    // A list without an item may come back from a script as a map without a key.
    if (const auto* none = found.find<Value::Map>(); none != nullptr && none->empty()) return {};
    if (!found.holds<Value::List>()) no_snapshot(std::string(key) + " is no list");
    std::vector<std::string> texts;
    for (const Value& one : found.as<Value::List>()) {
        if (!one.holds<std::string>()) no_snapshot(std::string(key) + " holds what is no text");
        texts.push_back(one.as<std::string>());
    }
    return texts;
}

Value::Map facts_in(const Value& object) {
    const Value& found = needed(object, "facts");
    if (const auto* none = found.find<Value::List>(); none != nullptr && none->empty()) return {};
    if (!found.holds<Value::Map>()) no_snapshot("facts are no map");
    for (const auto& [fact, value] : found.as<Value::Map>()) {
        if (fact == "columns") {
            static_cast<void>(texts_in(found, fact));
        } else if (!value.holds<std::string>()) {
            no_snapshot("the fact " + fact + " is no text");
        }
    }
    return found.as<Value::Map>();
}

template <class Texts>
Value::List list_of(const Texts& texts) {
    return {texts.begin(), texts.end()};
}

Value objects_of(const Catalog& catalog) {
    Value::List objects;
    for (const auto& [key, object] : catalog.objects) {
        Value::Map map{{"kind", object.kind}, {"name", object.name}};
        if (!object.parent.empty()) map.emplace("of", object.parent);
        if (!object.facts.empty()) map.emplace("facts", object.facts);
        objects.emplace_back(std::move(map));
    }
    return objects;
}

// True when `key`, or what it belongs to, is one of `without`.
bool left_out(const Catalog& catalog, const Object& object, const std::set<std::string>& without) {
    if (without.contains(object.kind + " " + object.name)) return true;
    if (object.parent.empty()) return false;
    if (without.contains(object.parent)) return true;
    const auto parent = catalog.objects.find(object.parent);
    return parent != catalog.objects.end() && left_out(catalog, parent->second, without);
}

}  // namespace

const Object* Catalog::find(std::string_view kind, std::string_view name) const {
    const std::string of_kind = std::string(kind) + " ";
    const auto known = [&](const std::string& key) {
        const auto found = objects.find(key);
        return found == objects.end() ? nullptr : &found->second;
    };
    constexpr std::string_view kPublic = "public.";
    if (path.empty()) return known(of_kind + std::string(name));
    if (name.starts_with(kPublic)) return known(of_kind + std::string(name.substr(kPublic.size())));
    if (name.find('.') != std::string_view::npos) return known(of_kind + std::string(name));
    for (const std::string& schema : path) {
        const std::string prefix = schema == "public" ? "" : schema + ".";
        if (const Object* found = known(of_kind + prefix + std::string(name))) return found;
    }
    return nullptr;
}

Catalog look_at(sql::Database& database, const std::set<std::string>& without) {
    std::set<std::string> leaving = without;
    Catalog catalog = database.dialect() == sql::Dialect::Postgres
                          ? look_at_postgres(database, leaving)
                          : look_at_sqlite(database);
    if (leaving.empty()) return catalog;
    std::erase_if(catalog.objects, [&, all = catalog](const auto& entry) {
        return left_out(all, entry.second, leaving);
    });
    return catalog;
}

Rows rows_in(sql::Database& database) {
    return database.dialect() == sql::Dialect::Postgres ? rows_in_postgres(database)
                                                        : rows_in_sqlite(database);
}

std::vector<std::string> changed_rows(const Rows& before, const Rows& after) {
    std::vector<std::string> changed;
    for (const auto& [table, rows] : before) {
        const auto now = after.find(table);
        if (now == after.end() || now->second == rows) continue;
        changed.push_back(table + " " + std::to_string(rows) + " → " + std::to_string(now->second));
    }
    return changed;
}

Value to_value(const Catalog& catalog) {
    return Value::Map{{"format", kFormat},
                      {"database", catalog.database},
                      {"objects", objects_of(catalog)},
                      {"unread", list_of(catalog.unread)},
                      {"path", list_of(catalog.path)}};
}

Catalog from_value(const Value& value) {
    if (!value.holds<Value::Map>()) no_snapshot("it is no map");
    const Value& format = needed(value, "format");
    if (!format.holds<std::int64_t>()) no_snapshot("its format is no number");
    if (format.as<std::int64_t>() != kFormat) {
        throw Error(ErrorCode::Document,
                    "the snapshot is of format " + to_text(format) + ", and this Drydock reads " +
                        std::to_string(kFormat),
                    "take a new one with schema.snapshot");
    }
    Catalog catalog{.database = text_in(value, "database"), .path = texts_in(value, "path")};
    for (std::string& what : texts_in(value, "unread")) catalog.unread.insert(std::move(what));
    const Value& objects = needed(value, "objects");
    if (const auto* none = objects.find<Value::Map>(); none != nullptr && none->empty())
        return catalog;
    if (!objects.holds<Value::List>()) no_snapshot("its objects are no list");
    for (const Value& one : objects.as<Value::List>()) {
        Object object{.kind = text_in(one, "kind"), .name = text_in(one, "name")};
        if (one.member("of") != nullptr) object.parent = text_in(one, "of");
        if (one.member("facts") != nullptr) object.facts = facts_in(one);
        std::string key = object.kind + " " + object.name;
        catalog.objects.emplace(std::move(key), std::move(object));
    }
    return catalog;
}

std::string digest(const Catalog& catalog) {
    const Value compared = Value::Map{{"format", kFormat},
                                      {"database", catalog.database},
                                      {"objects", objects_of(catalog)},
                                      {"unread", list_of(catalog.unread)}};
    return crypto::to_hex(crypto::sha256(json::write(compared)));
}

}  // namespace drydock::schema
