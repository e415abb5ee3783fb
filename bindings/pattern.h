#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace drydock::bindings {

// Lua's patterns (reference manual 6.4.1) with a limit: the stock matcher cannot be stopped, and
// `(a-)^30 b` takes it for ever. A pattern is compiled into nodes and matched by backtracking;
// every comparison counts as a step, the work is polled every few thousand steps and refused above
// kMaxSteps. Character classes are ASCII, whatever the locale. Errors are Error{Lua}.
class Pattern final {
  public:
    static constexpr std::int64_t kMaxSteps = 50'000'000;
    static constexpr int kMaxCaptures = 32;

    // gmatch takes a ^ at the beginning for itself, all others for "only at the beginning".
    enum class Caret : std::uint8_t { Anchors, IsItself };
    // `poll` is called now and then and may throw. The pattern's text need not outlive this. A
    // malformed pattern is found here, also where the stock library finds it only on some texts.
    Pattern(std::string_view pattern, Caret caret, std::function<void()> poll);

    // Half open, in bytes. length kPosition: a position capture, its value is `begin`.
    struct Capture {
        std::size_t begin = 0;
        std::int64_t length = 0;
    };
    static constexpr std::int64_t kPosition = -2;

    [[nodiscard]] bool anchored() const { return anchored_; }
    // Matches at exactly `at`. The end of the match in `end`.
    bool match_at(std::string_view text, std::size_t at, std::size_t& end);
    // The captures of the last match.
    [[nodiscard]] const std::vector<Capture>& captures() const { return captures_; }

  private:
    enum class Kind : std::uint8_t { One, Open, OpenPosition, Close, Balance, Frontier, Back, End };
    enum class Repeat : std::uint8_t { Once, Many, Some, Few, Maybe };  // none * + - ?
    using Set = std::bitset<256>;
    struct Node {
        Kind kind = Kind::One;
        Repeat repeat = Repeat::Once;
        unsigned char first = 0;   // Balance
        unsigned char second = 0;  // Balance
        int capture = 0;           // Back
        Set set = {};
    };

    void compile(std::string_view pattern);
    std::size_t compile_escape(std::string_view pattern, std::size_t at);
    std::size_t compile_one(std::string_view pattern, std::size_t at, const Set& set);
    void step();
    bool match(std::size_t node, std::size_t at);
    bool match_repeat(const Node& node, std::size_t index, std::size_t at);
    bool match_capture(const Node& node, std::size_t index, std::size_t at);
    bool match_balance(const Node& node, std::size_t index, std::size_t at);
    bool match_back(const Node& node, std::size_t index, std::size_t at);
    [[nodiscard]] bool holds(const Node& node, std::size_t at);
    [[nodiscard]] bool holds_at_frontier(const Node& node, std::size_t at) const;

    std::function<void()> poll_;
    std::vector<Node> nodes_;
    bool anchored_ = false;
    std::string_view text_;
    std::size_t end_ = 0;
    std::vector<Capture> captures_;
    std::int64_t steps_ = 0;
    std::int64_t next_poll_ = 0;
};

}  // namespace drydock::bindings
