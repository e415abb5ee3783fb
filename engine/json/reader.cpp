#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::json {
namespace {

[[noreturn]] void refuse(std::size_t offset, const std::string& why) {
    throw Error(ErrorCode::Document, "json, byte " + std::to_string(offset) + ": " + why);
}

// Where the parser is, shared by all copies of its input iterator: so our own refusals (depth,
// duplicate keys), which the parser does not know, can name their place.
class Input {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    explicit Input(const char*& at) : at_(&at) {}
    reference operator*() const { return **at_; }
    Input& operator++() {
        ++*at_;
        return *this;
    }
    bool operator==(const Input& other) const { return *at_ == *other.at_; }
    bool operator!=(const Input& other) const { return !(*this == other); }

  private:
    const char** at_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …" without what
// stands before the second colon: we say the place ourselves.
std::string reason(const std::string& what) {
    const auto column = what.find("column ");
    const auto begin = column == std::string::npos ? what.find("] ") : what.find(": ", column);
    return begin == std::string::npos ? what : what.substr(begin + 2);
}

// Receives what nlohmann's parser finds and builds the Value. A closed container becomes a member
// of the one around it; the parser itself does not recurse, so only `depth` bounds the nesting.
class Builder {
  public:
    Builder(std::string_view text, const char*& at, const ReadLimits& limits)
        : begin_(text.data()), at_(at), limits_(limits) {}

    Value take() { return std::move(root_); }

    bool null() { return add({}); }
    bool boolean(bool flag) { return add(flag); }
    bool number_integer(std::int64_t number) { return add(number); }
    bool number_unsigned(std::uint64_t number) {
        if (number <= static_cast<std::uint64_t>(INT64_MAX)) {
            return add(static_cast<std::int64_t>(number));
        }
        return add(static_cast<double>(number));
    }
    bool number_float(double number, const std::string& /*as written*/) { return add(number); }
    bool string(std::string& text) { return add(std::move(text)); }
    bool binary(nlohmann::json::binary_t& /*never in a text*/) { return false; }

    bool start_object(std::size_t /*unknown*/) { return open(Value(Value::Map{})); }
    bool start_array(std::size_t /*unknown*/) { return open(Value(Value::List{})); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        auto [place, is_new] = open_.back().value.find<Value::Map>()->try_emplace(std::move(name));
        if (!is_new) refuse(offset(), "the key \"" + place->first + "\" is there twice");
        open_.back().member = &place->second;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::json::exception& error) {
        refuse(position, reason(error.what()));
    }

  private:
    struct Open {
        Value value;
        Value* member = nullptr;  // of a map: the place of the key just read (nodes do not move)
    };

    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

    bool add(Value value) {
        if (++values_ > limits_.values) {
            refuse(offset(), "more than " + std::to_string(limits_.values) + " values");
        }
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* list = open_.back().value.find<Value::List>()) {
            list->push_back(std::move(value));
        } else {
            *open_.back().member = std::move(value);
        }
        return true;
    }
    bool open(Value container) {
        if (static_cast<int>(open_.size()) >= limits_.depth) {
            refuse(offset(), "nested deeper than " + std::to_string(limits_.depth) + " levels");
        }
        open_.push_back({std::move(container)});
        return true;
    }
    bool close() {
        Value closed = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(closed));
    }

    const char* begin_;
    const char*& at_;
    ReadLimits limits_;
    std::size_t values_ = 0;
    Value root_;
    std::vector<Open> open_;
};

}  // namespace

Value parse(std::string_view text, const ReadLimits& limits) {
    if (text.size() > limits.bytes) {
        throw Error(ErrorCode::Document, "json of " + std::to_string(text.size()) +
                                             " bytes, more than the " +
                                             std::to_string(limits.bytes) + " that are read");
    }
    // nlohmann takes a zero byte for the end of the input and would not look at what follows.
    if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
        refuse(zero, "a zero byte");
    }
    const char* at = text.data();
    const char* end = text.data() + text.size();
    Builder builder(text, at, limits);
    nlohmann::json::sax_parse(Input(at), Input(end), &builder);
    return builder.take();
}

}  // namespace drydock::json
