#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/secret.h"

namespace drydock {

using Microseconds = std::chrono::microseconds;

// The three quantities that users write with a unit. They are types of their own so that they
// print as written (200ms, 1.5GiB, 2026-11-21T02:00:00Z) and keep their meaning through the
// journal.
struct Duration {
    Microseconds length{0};
    auto operator<=>(const Duration&) const = default;
};
struct Size {
    std::int64_t bytes = 0;
    auto operator<=>(const Size&) const = default;
};
struct Timestamp {
    std::int64_t micros = 0;  // since 1970-01-01T00:00:00Z, without leap seconds
    auto operator<=>(const Timestamp&) const = default;
};

// What steps give each other: parameters, outputs, recorded values, rows. A plain value type; maps
// are sorted by key, so that whatever is made from one (text, digest, loop) is the same each time.
class Value final {
  public:
    using List = std::vector<Value>;
    using Map = std::map<std::string, Value, std::less<>>;
    using Held = std::variant<std::monostate, bool, std::int64_t, double, std::string, Duration,
                              Size, Timestamp, Secret, List, Map>;

    Value() = default;
    Value(bool value) : held_(value) {}
    Value(int value) : held_(static_cast<std::int64_t>(value)) {}
    Value(std::int64_t value) : held_(value) {}
    Value(double value) : held_(value) {}
    Value(const char* text) : held_(std::string(text)) {}
    Value(std::string text) : held_(std::move(text)) {}
    Value(std::string_view text) : held_(std::string(text)) {}
    Value(Duration value) : held_(value) {}
    Value(Size value) : held_(value) {}
    Value(Timestamp value) : held_(value) {}
    Value(Secret value) : held_(std::move(value)) {}
    Value(List list) : held_(std::move(list)) {}
    Value(Map map) : held_(std::move(map)) {}

    [[nodiscard]] bool is_null() const noexcept { return holds<std::monostate>(); }
    template <class T>
    [[nodiscard]] bool holds() const noexcept {
        return std::holds_alternative<T>(held_);
    }
    // The held T. CHECKs that it is one: ask holds<T>() or find<T>() where it may not be.
    template <class T>
    [[nodiscard]] const T& as() const {
        const T* found = std::get_if<T>(&held_);
        if (found == nullptr) wrong_kind();
        return *found;
    }
    template <class T>
    [[nodiscard]] const T* find() const noexcept {
        return std::get_if<T>(&held_);
    }
    template <class T>
    [[nodiscard]] T* find() noexcept {
        return std::get_if<T>(&held_);
    }
    [[nodiscard]] const Held& held() const noexcept { return held_; }

    // The member `key` of a map; null when this is no map or has no such key.
    [[nodiscard]] const Value* member(std::string_view key) const noexcept;
    // "null", "boolean", "integer", "number", "string", "duration", "size", "timestamp", "secret",
    // "list", "map".
    [[nodiscard]] std::string_view kind() const noexcept;
    // True when a Secret is anywhere inside.
    [[nodiscard]] bool contains_secret() const noexcept;

    bool operator==(const Value&) const = default;

  private:
    [[noreturn]] static void wrong_kind();

    Held held_;
};

// What a template writes for a scalar: numbers as Lua would, quantities with their unit, null as
// "null"; lists and maps as compact JSON-like text; a secret as its placeholder.
[[nodiscard]] std::string to_text(const Value& value);

[[nodiscard]] std::string to_text(Duration duration);    // 50ms, 1m30s, 2h, 0s
[[nodiscard]] std::string to_text(Size size);            // 0B, 512KiB, 1.5GiB
[[nodiscard]] std::string to_text(
    Timestamp timestamp);  // 2026-11-21T02:00:00Z, with .micros if any
// Shortest text that reads back as the same double; always with a point, an exponent, inf or nan.
[[nodiscard]] std::string to_text(double number);

}  // namespace drydock
