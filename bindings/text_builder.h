#pragma once

#include <lua.hpp>
#include <string>
#include <string_view>

namespace drydock::bindings {

struct Host;

// A text that a script makes grow, on the C++ side: counted against the state's memory, at most
// 64 MiB. Once a secret went in, what comes out is a secret. Used on one thread, on the stack.
class TextBuilder final {
  public:
    explicit TextBuilder(lua_State* state);
    ~TextBuilder();
    TextBuilder(const TextBuilder&) = delete;
    TextBuilder& operator=(const TextBuilder&) = delete;

    // Throws Error{Lua} when the text would be too long.
    void append(std::string_view piece);
    // Appends what `..` would: texts, numbers, quantities, secrets. Throws for anything else.
    void append_shown(int index);
    // Appends what tostring gives; a secret goes in as its text and makes this one.
    void append_tostring(int index);
    // Pushes the text, or the secret.
    void push();
    [[nodiscard]] const std::string& text() const { return text_; }
    // The text for people: "<secret name>" when a secret went in.
    [[nodiscard]] std::string shown() const;

  private:
    bool append_secret(int index);

    lua_State* state_;
    std::string text_;
    std::size_t charged_ = 0;
    bool secret_ = false;
    std::string secret_name_;
};

// The `..` of quantities and secrets.
int concatenate(lua_State* state);

}  // namespace drydock::bindings
