#include <string>
#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/json/writer.h"

namespace drydock::json {
namespace {

[[noreturn]] void refuse(const std::string& tag) {
    throw Error(ErrorCode::Document, "json: \"" + tag + "\" with what does not belong there");
}

std::int64_t integer(const std::string& tag, const Value& value) {
    const auto* number = value.find<std::int64_t>();
    if (number == nullptr) refuse(tag);
    return *number;
}

const std::string& text(const std::string& tag, const Value& value) {
    const auto* held = value.find<std::string>();
    if (held == nullptr) refuse(tag);
    return *held;
}

Value scalar(const std::string& tag, const Value& inside) {
    if (tag == "$duration") return Duration{Microseconds(integer(tag, inside))};
    if (tag == "$size") return Size{integer(tag, inside)};
    if (tag == "$timestamp") return Timestamp{integer(tag, inside)};
    if (tag == "$bytes") return crypto::from_base64(text(tag, inside));
    if (tag == "$secret") return Secret(text(tag, inside), {});
    throw Error(ErrorCode::Document, "json: unknown tag \"" + tag + "\"",
                "a newer drydock may have written this");
}

// From the outside inwards: whether an object is a tag or a map's content is known from outside
// only ($map). Depth is bounded by the parser's limit.
void decode(Value& value) {
    if (auto* list = value.find<Value::List>()) {
        for (Value& item : *list) decode(item);
        return;
    }
    auto* map = value.find<Value::Map>();
    if (map == nullptr) return;
    if (looks_tagged(*map)) {
        const std::string& tag = map->begin()->first;
        Value& inside = map->begin()->second;
        if (tag != "$map") {
            value = scalar(tag, inside);
            return;
        }
        if (!inside.holds<Value::Map>()) refuse(tag);
        Value content = std::move(inside);
        value = std::move(content);
        map = value.find<Value::Map>();
    }
    for (auto& [key, item] : *map) decode(item);
}

}  // namespace

Value parse_typed(std::string_view text, const ReadLimits& limits) {
    Value value = parse(text, limits);
    decode(value);
    return value;
}

}  // namespace drydock::json
