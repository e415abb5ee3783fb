#include "bindings/text_builder.h"

#include <string.h>

#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/quantity.h"
#include "bindings/secret_box.h"

namespace drydock::bindings {

TextBuilder::TextBuilder(lua_State* state) : state_(state) {}

TextBuilder::~TextBuilder() {
    if (secret_) explicit_bzero(text_.data(), text_.size());
    host_of(state_).release(charged_);
}

void TextBuilder::append(std::string_view piece) {
    const std::size_t wanted = text_.size() + piece.size();
    if (wanted > kMaxTextBytes) {
        throw Error(ErrorCode::Lua, "a text would be longer than 64 MiB", "work in smaller pieces");
    }
    if (wanted > text_.capacity()) {
        const std::size_t capacity = std::max(wanted, 2 * text_.capacity());
        Host& host = host_of(state_);
        host.charge(capacity);
        host.release(charged_);
        charged_ = capacity;
        host.worked(capacity);
        text_.reserve(capacity);
    }
    text_ += piece;
}

bool TextBuilder::append_secret(int index) {
    const auto secret = view_secret(state_, index);
    if (!secret) return false;
    append(secret->text);
    if (!secret_) secret_name_ = secret->name;
    secret_ = true;
    return true;
}

void TextBuilder::append_shown(int index) {
    if (append_secret(index)) return;
    if (const Quantity* quantity = find_quantity(state_, index)) {
        append(to_text(to_value(*quantity)));
        return;
    }
    if (lua_isstring(state_, index) == 0) {
        throw Error(ErrorCode::Lua, std::string("attempt to concatenate a ") +
                                        luaL_typename(state_, index) + " value");
    }
    append_tostring(index);
}

void TextBuilder::append_tostring(int index) {
    if (append_secret(index)) return;
    std::size_t size = 0;
    const char* bytes = nullptr;
    if (is_null(state_, index)) {
        append("null");
        return;
    }
    bytes = luaL_tolstring(state_, index, &size);
    append(std::string_view(bytes, size));
    lua_pop(state_, 1);
}

void TextBuilder::push() {
    if (secret_) {
        push_secret(state_, secret_name_, text_);
    } else {
        push_text(state_, text_);
    }
}

std::string TextBuilder::shown() const { return secret_ ? "<secret " + secret_name_ + ">" : text_; }

int concatenate(lua_State* state) {
    TextBuilder text(state);
    text.append_shown(1);
    text.append_shown(2);
    text.push();
    return 1;
}

}  // namespace drydock::bindings
