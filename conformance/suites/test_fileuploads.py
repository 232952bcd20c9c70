"""The clauses of Uploading Files."""

from __future__ import annotations

import dataclasses
import hashlib
import mimetypes
import os
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.clause import (
    Gate,
    example,
    expect,
    explore,
    given,
    harden,
    must,
    should,
    together,
)
from conformance.core.errors import Untested
from conformance.instruments.strategies import Machine, bodies, cased, chunk_sizes
from conformance.patterns.fileuploads import (
    SIBLING,
    UNWANTED,
    FileUploadsHarness,
    Uploaded,
    apart,
    inert,
    unread,
)
from conformance.transports import Upload

Harness = FileUploadsHarness

picks = st.integers(0, 20)
stems = st.one_of(
    st.text("abcXYZ019_-", min_size=1, max_size=20), st.sampled_from(["文件", "файл", "ملف"])
)
letters = st.text(st.characters(categories=("L", "M", "N", "P", "S")), max_size=12)

#: Stems that sanitizing empties or changes, and other names that users' files have.
unusual_stems = st.one_of(
    st.sampled_from(
        [
            *("", " ", ".", "..", "...", "_", "-", "файл", "文件", "你好", "ملف", "📷", "e\u0301"),
            *(
                "\u202egnp.exe",
                ".htaccess",
                ".bashrc",
                "con",
                "NUL",
                "a.",
                "a ",
                "a\0b",
                "~",
                "-rf",
            ),
        ]
    ),
    letters,
)

ups = st.lists(
    st.sampled_from(
        [
            *("../", "..\\", "./", "..//", "..../", "....//", "..\\/", "%2e%2e/", "..%2f"),
            *("..%5c", "．．/", "‥/", "..\0/", "a/../../", "..;/", f"../{SIBLING}/"),
        ]
    ),
    max_size=3,
).map("".join)
roots = st.sampled_from(
    ["", "", "", "/", "\\", "C:\\", "C:/", "{root}/", "{root}/outer/", "file://{root}/"]
)

encoded_ups = st.lists(
    st.sampled_from(
        [
            *("../", "..%2f", "..%2F", "%2e%2e/", "%2e%2e%2f", "..%5c", "%2e%2e%5c", "..\\", "./"),
            *("%252e%252e%252f", "..%252f", "....//", "..%00/", "%c0%ae%c0%ae/", "%2f", "//"),
            *(f"../{SIBLING}/", f"..%2f{SIBLING}%2f"),
        ]
    ),
    max_size=4,
).map("".join)
encoded_roots = st.sampled_from(["", "", "/", "%2f", "//", "{root}/", "{quoted}%2f", "a/../"])

foreign_hosts = st.sampled_from(
    ["evil.example", "evil.example:8080", "localhost.evil.example", "localhost:1@evil.example"]
)

tags = st.sampled_from(
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<html><body onload=alert(1)>",
        b"<script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
        b"GIF89a/*<script>*/=alert(1)",
        b"%PDF-1.4\n<script>",
    ]
)

#: How many bytes a body is above or below the limit.
distances = st.one_of(st.integers(1, 300), st.integers(1, 20_000))

#: What a limit of the whole body may have above ten times that of a file.
MEGABYTE = 1 << 20


def refused(done: Uploaded, what: str) -> None:
    """Check that an upload is answered without a server error, and that nothing is stored."""
    expect(done.response.status < 500, f"no server error for {what}", done.response)
    expect(not done.accepted, f"nothing to be stored for {what}", done)


@must("a-gentle-introduction", share=0.3)
@given(pick=picks, stem=stems, drawn=bodies())
@example(pick=0, stem="empty", drawn=b"")
@example(pick=0, stem="文件", drawn=b"")
@example(pick=0, stem="lines", drawn=b"\r\n--\r\nContent-Disposition: form-data\r\n\r\n--")
def test_roundtrip(fileuploads: Harness, pick: int, stem: str, drawn: bytes) -> None:
    """An allowed file is stored, and its URL in the response returns the same bytes.

    Source: the view stores the file and redirects to the URL where it is served.

    Usual cause: the form field has a different name in the view, the file was read before it
    was saved, or it is opened as text.
    """
    client, extension = fileuploads.client(), fileuploads.extension(pick)
    name, content = fileuploads.name(stem, extension), fileuploads.content(extension, drawn)
    done = fileuploads.upload(client, name, content)
    if not done.accepted and not name.isascii():
        # An app may refuse such names, but not with the message for a disallowed extension.
        named, other, empty = (
            (response.status, client.follow(response).body)
            for response in (
                done.response,
                fileuploads.upload(client, fileuploads.name("other", "kq"), content).response,
                fileuploads.upload(client, "", content).response,
            )
        )
        expect(
            named[0] < 500 and (named != other or other == empty),
            f"{name} to be stored, as .{extension} is allowed",
            f"it is refused like a disallowed file: {done.response}",
            cause="the extension is taken from the result of `secure_filename`",
        )
        return
    expect(
        done.accepted and (done.url is not None or fileuploads.binding.download is None),
        f"{name} to be stored, and a response that leads to its URL",
        done.response,
    )
    back = fileuploads.read(client, done.place)
    same = back is not None and hashlib.sha256(back).digest() == hashlib.sha256(content).digest()
    sent, got = apart(content, back or b"")
    expect(
        same,
        f"{done.place} to return the bytes that were uploaded: {sent}",
        "no file there" if back is None else f"it returns other bytes: {got}",
        cause=_what_changed(content, back),
    )


def _what_changed(content: bytes, back: bytes | None) -> str:
    if back == b"":
        return "the stored file is empty, as if the upload had been read before it was saved"
    if back == content.replace(b"\r\n", b"\n"):
        return "the file is stored as text: each `\\r\\n` has become `\\n`"
    return ""


@must("a-gentle-introduction")
@given(
    way=st.sampled_from(["other field", "text field", "no fields", "urlencoded", "JSON", "nothing"])
)
def test_missing_part(fileuploads: Harness, way: str) -> None:
    """A request without the file part is refused without a server error, and nothing is stored.

    Scripts send such requests, and so do forms that a user has changed.

    Source: the view first checks whether the request has the file part.

    Usual cause: the view uses the result of `request.files.get(...)` although it is None.
    """
    client, extension = fileuploads.client(), fileuploads.extension()
    field, name = fileuploads.binding.field, f"a.{extension}"
    route = fileuploads.need("upload")
    content = fileuploads.fresh(extension)
    if way == "other field":
        files = {f"{field}-other": Upload(name, content)}
        request = fileuploads.prepare(client, route, files=files)
    elif way == "text field":
        request = fileuploads.request(client, None, content)
    elif way == "no fields":
        request = fileuploads.prepare(client, route, files={})
    elif way == "urlencoded":
        request = fileuploads.prepare(client, route, fields={field: name})
    elif way == "JSON":
        request = fileuploads.prepare(client, route, form=None, json={field: name})
    else:
        request = fileuploads.prepare(client, route, form=None)
    refused(fileuploads.deliver(client, request, content), f"a request without the file: {way}")


@must("a-gentle-introduction", share=0.2)
@given(drawn=bodies(max_size=40))
@example(drawn=b"")
def test_empty_filename(fileuploads: Harness, drawn: bytes) -> None:
    """A file part with an empty name is refused without a server error, and nothing is stored.

    Browsers send this if the form is submitted without a selected file.

    Source: a form without a selected file sends an empty file without a name.

    Usual cause: the view only checks whether the part exists.
    """
    done = fileuploads.upload(fileuploads.client(), "", drawn)
    refused(done, "a file with an empty name")


@must("a-gentle-introduction", share=0.4)
@given(
    stem=unusual_stems.filter(lambda stem: "\0" not in stem),
    extension=st.one_of(
        cased(st.sampled_from(UNWANTED)), st.text("abcdefgxyz019", min_size=1, max_size=8)
    ),
    form=st.sampled_from(["{stem}.{extension}", "{stem}.{allowed}.{extension}", "{extension}"]),
    lies=st.booleans(),
)
@example(stem="a", extension="html", form="{stem}.{allowed}.{extension}", lies=False)
@example(stem="a", extension="html", form="{stem}.{allowed}/{extension}", lies=False)
@example(stem="a", extension="html", form="{stem}.{extension}", lies=True)
@example(stem="a", extension="png", form="{extension}", lies=False)
@example(stem="a", extension="txt", form="{extension}", lies=False)
def test_extension_allowlist(
    fileuploads: Harness, stem: str, extension: str, form: str, lies: bool
) -> None:
    """A file without an allowed extension is not stored.

    HTML served from the site runs with the rights of the site and its visitors. The media type
    of an upload is whatever the client claims.

    Source: only files with an allowed extension are accepted, so that users cannot upload HTML.

    Usual cause: a list of forbidden rather than allowed extensions, a check for any extension in
    the name rather than the last one, `endswith` without the dot, or the file is saved before
    its name is checked.
    """
    if "." in form and fileuploads.allows(extension):
        return
    allowed = fileuploads.extension()
    name = form.format(stem=stem, extension=extension, allowed=allowed)
    client = fileuploads.client()
    content = fileuploads.fresh("", b"<script>alert(1)</script>")
    kind = mimetypes.guess_type(f"_.{allowed}")[0] if lies else None
    done = fileuploads.upload(client, name, content, kind=kind)
    what = f"{name!r}" + (f", declared as {kind}" if kind else "")
    expect(done.response.status < 500, f"no server error for {what}", done.response)
    if done.accepted:
        seen, cause = _plain_names(fileuploads, content)
        expect(False, f"nothing to be stored for {what}", f"{done}; {seen}", cause=cause)
    if fileuploads.binding.download is not None:
        target = fileuploads.download_target(quote(name, safe=""))
        expect(
            fileuploads.read(client, target) != content,
            f"nothing to be stored for {name!r}",
            f"the response refused it, but it is at {target}",
        )


def _plain_names(fileuploads: Harness, content: bytes) -> tuple[str, str]:
    """Upload files with one extension that is not allowed; return what happens, and the cause."""
    names = [f"a.{each}" for each in ("html", "php", "py", "kq") if not fileuploads.allows(each)]
    client = fileuploads.client()
    with fileuploads.aside():
        stored = {name: fileuploads.upload(client, name, content).accepted for name in names}
    taken = [name for name, accepted in stored.items() if accepted]
    left = [name for name in names if name not in taken]
    if not taken:
        return f"{', '.join(names)} are refused", "not only the end of the name decides"
    if not left:
        return f"so are {', '.join(names)}", "files are stored whatever their extension"
    return (
        f"so are {', '.join(taken)}, but not {', '.join(left)}",
        "some extensions are forbidden, instead of all but the allowed ones",
    )


@should("a-gentle-introduction", share=0.4)
@given(pick=picks, flips=st.lists(st.booleans(), min_size=8, max_size=8))
@example(pick=0, flips=[True] * 8)
def test_extension_case(fileuploads: Harness, pick: int, flips: list[bool]) -> None:
    """Extensions are matched case-insensitively.

    Cameras and old systems create names such as IMG_0001.JPG.

    Source: the chapter's `allowed_file` compares the extension in lower case.

    Usual cause: the extension is compared without `.lower()`.
    """
    allowed = fileuploads.extension(pick)
    extension = (
        "".join(char.upper() if flip else char for char, flip in zip(allowed, flips, strict=False))
        + allowed[len(flips) :]
    )
    name, content = fileuploads.name("IMG", extension), fileuploads.fresh(allowed)
    done = fileuploads.upload(fileuploads.client(), name, content)
    expect(done.accepted, f"{name} to be stored, as .{allowed} is allowed", done)


@must("a-gentle-introduction", share=0.3)
@given(root=roots, up=ups, known=st.booleans(), tail=st.sampled_from(["", "\0.html"]))
@example(root="", up="../", known=True, tail="")
@example(root="", up=f"../{SIBLING}/", known=True, tail="")
@example(root="", up="../../../", known=False, tail="")
@example(root="", up="....//", known=True, tail="")
@example(root="{root}/", up="", known=True, tail="")
def test_stays_in_folder(fileuploads: Harness, root: str, up: str, known: bool, tail: str) -> None:
    """No file name makes an upload create or change anything outside the upload folder.

    The client sends the name, and `os.path.join` follows it anywhere.

    Source: always apply `secure_filename` to a name before using it on the file system: never
    trust user input.

    Usual cause: the name was joined to the folder without `secure_filename`.
    """
    extension = fileuploads.extension()
    before = fileuploads.plant(f"secret.{extension}")
    start = root.replace("{root}", str(fileuploads.root))
    target = f"secret.{extension}" if known else fileuploads.name("new", extension)
    name = f"{start}{up}{target}{tail}"
    fileuploads.upload(fileuploads.client(), name, fileuploads.fresh(extension))
    after = fileuploads.around()
    touched = sorted(
        place for place in {*before, *after} if before.get(place, 0) != after.get(place, 0)
    )
    expect(
        not touched,
        f"{name!r} not to touch anything outside the upload folder",
        f"written outside it: {', '.join(touched)}",
    )


@harden("a-gentle-introduction", share=0.3)
@given(pick=picks, stem=unusual_stems)
@example(pick=0, stem="文件")
@example(pick=0, stem="")
# Wherever a name is truncated, one of these then ends in an extension.
@example(pick=0, stem=".html" * 40)
@example(pick=0, stem="1" + ".html" * 40)
@example(pick=0, stem="12" + ".html" * 40)
@example(pick=0, stem="123" + ".html" * 40)
@example(pick=0, stem="1234" + ".html" * 40)
def test_stored_name_allowed(fileuploads: Harness, pick: int, stem: str) -> None:
    """A file with an unusual name is stored with its extension, with a stem, and not hidden.

    Without the extension, the file is served with the wrong type, and all such files get the
    same name.

    Source: goes beyond the chapter, which uses the result of `secure_filename` as the name.

    Usual cause: the name is checked before it is sanitized: `secure_filename` turns "文件.png"
    into "png". Check the name that is stored, or generate one.
    """
    extension = fileuploads.extension(pick)
    name = f"{stem}.{extension}"
    client = fileuploads.client()
    done = fileuploads.upload(client, name, fileuploads.fresh(extension))
    if not done.accepted:
        expect(done.response.status < 500, f"{name!r} to be stored or refused", done.response)
        return
    served = client.follow(client.get(done.url)) if done.url else None
    kind = served.mimetype if served else ""
    saved = [os.path.basename(path) for path in done.written]
    if served and done.url and not saved:
        saved = [fileuploads.saved_name(served, done.url)]

    def kept(stored: str) -> bool:
        start, dot, end = stored.rpartition(".")
        typed = not dot and kind == mimetypes.guess_type(f"_.{extension}")[0]
        return typed or (
            fileuploads.allows(end) and bool(start.strip(".")) and not start.startswith(".")
        )

    # An app may write more than the file, such as its metadata.
    expect(
        any(map(kept, saved)),
        f"{name!r} to be stored under a name with a stem and an allowed extension",
        f"it is {', '.join(map(repr, saved))}" + (f", served as {kind}" if kind else ""),
    )


@harden("a-gentle-introduction", share=0.3)
@given(pick=picks, stem=st.one_of(unusual_stems, st.text(max_size=600)))
@example(pick=0, stem="x" * 300)
@example(pick=0, stem="文" * 100)
@example(pick=0, stem="..")
@example(pick=0, stem="a\0b")
@example(pick=0, stem="con")
def test_no_5xx_on_name(fileuploads: Harness, pick: int, stem: str) -> None:
    """No file name causes a server error on upload or on the following download.

    Source: goes beyond the chapter; RFC 9110, 15.6: a 5xx says that the server erred.

    Usual cause: a name longer than the file system allows, or one that sanitizing leaves empty,
    so that the folder itself is opened for writing.
    """
    extension = fileuploads.extension(pick)
    name = f"{stem}.{extension}"
    shown = repr(name) if len(name) < 60 else f"a name of {len(name)} characters"
    client = fileuploads.client()
    done = fileuploads.upload(client, name, fileuploads.fresh(extension))
    expect(done.response.status < 500, f"no server error for {shown}", done.response)
    if done.url is not None:
        status = client.get(done.url).status
        expect(status < 500, f"no server error at {done.url} for {shown}", status)


class Store(Machine):
    """Uploads under similar names, against a dict of what must be stored where."""

    harness: Harness
    #: `{run}` distinguishes the runs of a clause, `{e}` is the extension.
    names = (
        *("{run}a.{e}", "{run}A.{e}", "{run}a b.{e}", "{run}a_b.{e}", "../{run}a.{e}"),
        *("{run}á.{e}", "{run}/a.{e}", "{run}_a.{e}", "{run}a.{E}", "файл.{e}"),
    )

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.client = harness.client()
        self.run = harness.name("run", "").removesuffix(".")
        self.model: dict[str, tuple[str, bytes]] = {}

    @rule(name=st.sampled_from(names), drawn=bodies(max_size=20))
    def upload(self, name: str, drawn: bytes) -> None:
        """Upload new content under a name that may be taken."""
        extension = self.harness.extension()
        name = name.format(run=self.run, e=extension, E=extension.upper())
        content = self.harness.fresh(extension, drawn)
        done = self.harness.upload(self.client, name, content)
        if not done.accepted:
            expect(done.response.status < 500, f"{name!r} to be stored or refused", done.response)
            return
        earlier = self.model.get(done.place, ("", b""))[0]
        expect(
            not earlier,
            f"a separate place for {name!r}",
            f"{done.place}, where {earlier!r} was stored before",
        )
        self.model[done.place] = name, content

    @precondition(lambda self: self.model)
    @rule()
    def download(self) -> None:
        """Check that every upload is unchanged and still where it was."""
        for place, (name, content) in self.model.items():
            expect(
                self.harness.read(self.client, place) == content,
                f"the bytes of {name!r} at {place}",
                "different bytes after other uploads",
            )


@harden("a-gentle-introduction", share=0.5)
def test_no_overwrite(fileuploads: Harness) -> None:
    """Uploads never overwrite one another: each keeps its URL, whatever the others are named.

    Otherwise anyone who may upload can replace other users' files.

    Source: goes beyond the chapter, whose view overwrites.

    Usual cause: the client's name is used for the stored file, and `save` overwrites;
    sanitizing maps "a b.txt", "a_b.txt" and "../a b.txt" to one name; or names are numbered
    from one again after a restart.
    """
    explore(lambda: Store(fileuploads), steps=8)
    if fileuploads.binding.folder is not None and fileuploads.restarts:
        # The files that the machine stored stay where they are.
        fileuploads.renew()
        _keeps_what_is_there(fileuploads)


def _keeps_what_is_there(fileuploads: Harness) -> None:
    """Check that a second app on the same folder, as after a restart, overwrites nothing."""
    extension = fileuploads.extension()
    name = fileuploads.name("restarted", extension)
    kept: dict[str, bytes] = {}
    for start in range(2):
        for _ in range(3):
            content = fileuploads.fresh(extension)
            done = fileuploads.upload(fileuploads.client(), name, content)
            lost = [path for path, held in kept.items() if Path(path).read_bytes() != held]
            expect(
                not lost,
                f"the files in the folder to stay unchanged when {name!r} is uploaded",
                f"{', '.join(map(os.path.basename, lost))} has other bytes",
                cause="a name that an earlier process has used is used again" if start else "",
            )
            # An app may keep an index next to the files, which does change.
            kept |= {p: content for p in done.written if Path(p).read_bytes() == content}
        fileuploads.restart()


@harden("a-gentle-introduction")
def test_no_overwrite_together(fileuploads: Harness) -> None:
    """Concurrent uploads under one name do not overwrite one another.

    Source: goes beyond the chapter, whose view overwrites.

    Usual cause: the view checks whether the name is free, and another request takes it before
    the file is saved.
    """
    fileuploads.need("download")
    extension = fileuploads.extension()
    for hold in (None, *range(1, 8)):
        fileuploads.begin_example()
        name = fileuploads.name("same", extension)
        contents = [fileuploads.fresh(extension) for _ in range(4)]
        done = together(
            *(partial(fileuploads.upload, fileuploads.client(), name, each) for each in contents),
            hold=hold,
        )
        for one, content in zip(done, contents, strict=True):
            expect(one.response.status < 500, f"{name} to be stored or refused", one.response)
            if one.url is not None:
                expect(
                    fileuploads.read(fileuploads.client(), one.url) == content,
                    f"{one.url} to return the bytes of the upload that was answered with it",
                    f"other bytes: {len(contents)} concurrent uploads used the name {name}",
                )


@must("improving-uploads", share=0.3)
@given(over=st.booleans(), far=distances)
@example(over=False, far=0)
@example(over=False, far=1)
@example(over=True, far=1)
def test_size_limit_413(fileuploads: Harness, over: bool, far: int) -> None:
    """A body over the limit gets a 413 and nothing is stored; one within it is accepted.

    Source: a request whose body is larger than MAX_CONTENT_LENGTH is refused with 413; one of
    exactly that length is not larger.

    Usual cause: a handler for all exceptions turns the 413 into a 500 or a redirect, or the
    limit is checked after the file was saved.
    """
    if far == 0 and fileuploads.bench.transport.name != "wsgi":
        # If a server ends the input itself, Werkzeug treats a body of exactly the limit as one
        # that goes on.
        far = 1
    _limit(fileuploads, over, far)


@harden(
    "improving-uploads",
    share=0.3,
    gates=[Gate("werkzeug", "<2.3", "it does not limit bodies with chunked transfer")],
)
@given(over=st.booleans(), far=distances, sizes=chunk_sizes())
@example(over=True, far=1, sizes=[100])
@example(over=True, far=20_000, sizes=[300, 300])
def test_size_limit_chunked(fileuploads: Harness, over: bool, far: int, sizes: list[int]) -> None:
    """The limit also applies to a chunked body, whose length is not announced.

    A server that passes chunks through gives the app no Content-Length.

    Source: MAX_CONTENT_LENGTH limits the payload, however it is sent.

    Usual cause: the limit is compared with `request.content_length`, which is None.
    """
    _limit(fileuploads, over, far, sizes)


def _limit(fileuploads: Harness, over: bool, far: int, chunked: bool | list[int] = False) -> None:
    limit = fileuploads.limited()
    client, extension = fileuploads.client(), fileuploads.extension()
    name, start = fileuploads.name("sized", extension), fileuploads.fresh(extension)
    frame = fileuploads.frame(client, name, start)
    # The file alone exceeds it: whether the body or the file is limited is the app's choice.
    length = limit + 1 + far if over else max(limit - far - frame, len(start))
    if not over and frame + length > limit:
        raise Untested(f"the limit of {limit} bytes leaves no room for a file")
    with unread():
        if fileuploads.too_long(length):
            if chunked:
                raise Untested(f"the limit of {limit} bytes is more than the kit sends")
            # A body within the limit would have to be sent in full.
            length = limit + 1 + far
            done = fileuploads.announce(client, name, start, frame + length)
            over = True
        else:
            content = start + b"x" * (length - len(start))
            done = fileuploads.upload(client, name, content, chunked=chunked)
    statuses = (411, 413) if chunked else (413,)
    what = f"a body of {frame + length} bytes with a limit of {limit}"
    if over:
        if chunked:
            what += ", sent in chunks without a Content-Length"
        cause = ""
        if done.accepted and chunked:
            with fileuploads.aside():
                again = fileuploads.upload(client, fileuploads.name("sized", extension), content)
            if again.response.status == 413 and not again.accepted:
                cause = (
                    "only the Content-Length is compared with the limit: a body of that length "
                    "with one gets 413"
                )
        expect(not done.accepted, f"nothing to be stored for {what}", done, cause=cause)
        expect(
            done.response.status in statuses or fileuploads.cut_off(done.response),
            f"413 for {what}",
            done.response,
        )
    elif not (chunked and done.response.status == 411):
        expect(done.accepted, f"{what} to be accepted", done)


@harden(
    "improving-uploads",
    gates=[Gate("werkzeug", "<2.3", "it reads the whole body before it answers 413")],
)
def test_size_limit_early(fileuploads: Harness) -> None:
    """A body whose announced length is ten times the limit gets a 413 before it is read.

    Otherwise, the whole body is received, parsed and stored in a temporary file, and refused only
    then: bodies of any length are taken.

    Source: beyond the chapter, which sets MAX_CONTENT_LENGTH; it protects the server from storing
    what it refuses.

    Usual cause: the view measures the file, in `request.files`, which has parsed the body; set
    MAX_CONTENT_LENGTH as well, a little above the limit of a file.
    """
    limit = fileuploads.limited()
    fileuploads.only_wsgi("announces a longer body than it sends")
    client, extension = fileuploads.client(), fileuploads.extension()
    name, start = fileuploads.name("announced", extension), fileuploads.fresh(extension)
    length = 10 * limit + MEGABYTE
    with unread():
        done = fileuploads.upload(client, name, start, content_length=length)
    expect(
        done.response.status in (411, 413) or fileuploads.cut_off(done.response),
        f"413 for a request with Content-Length: {length}, with a limit of {limit} bytes",
        f"{done.response}, after all that was sent was read, {len(start)} bytes of a file",
        cause="the body is read whatever its length is: app.config['MAX_CONTENT_LENGTH'] is not "
        "set, or is higher"
        if fileuploads.bench.transport.same_process
        and (fileuploads.configured_limit() or length) >= length
        else "",
    )


@harden("improving-uploads")
def test_413_friendly(fileuploads: Harness) -> None:
    """There is a size limit, and exceeding it gives an error page of the app's own.

    Without a limit, one request can fill the disk.

    Source: the chapter shows how to set a limit; a custom error page goes beyond it.

    Usual cause: MAX_CONTENT_LENGTH is not set, or there is no error handler for 413.
    """
    if fileuploads.binding.limit is None:
        fileuploads.ledger.note("app.config['MAX_CONTENT_LENGTH']")
        expect(
            fileuploads.configured_limit() is not None,
            "a limit on the size of a request: app.config['MAX_CONTENT_LENGTH'], or "
            "limit in [patterns.fileuploads] for an app that limits bodies in another way",
            "MAX_CONTENT_LENGTH is not set, and no other limit is named",
        )
    limit = fileuploads.limited()
    client, extension = fileuploads.client(), fileuploads.extension()
    name = fileuploads.name("sized", extension)
    if fileuploads.too_long(2 * limit):
        with unread():
            start = fileuploads.fresh(extension)
            response = fileuploads.announce(client, name, start, 2 * limit).response
    else:
        content = fileuploads.fresh(extension, bytes(2 * limit))
        response = fileuploads.upload(client, name, content).response
    if fileuploads.cut_off(response):
        raise Untested("the server closed the connection before its response arrived")
    expect(
        response.status != 413
        or "json" in response.mimetype
        or (response.body.strip() and b"exceeds the capacity limit" not in response.body),
        "a 413 with an error page of the app's own",
        response,
    )


@must("a-gentle-introduction", share=0.3)
@given(root=encoded_roots, up=encoded_ups, passwd=st.booleans())
@example(root="", up="../", passwd=False)
@example(root="", up=f"../{SIBLING}/", passwd=False)
@example(root="", up=f"..%2f{SIBLING}%2f", passwd=False)
@example(root="", up="..%2f", passwd=False)
@example(root="", up="%2e%2e%2f", passwd=False)
@example(root="{quoted}%2f", up="", passwd=False)
@example(root="", up="%00", passwd=False)
def test_download_confined(fileuploads: Harness, root: str, up: str, passwd: bool) -> None:
    """Downloads never return a file from outside the upload folder, however the path is encoded.

    Source: files are served from the upload folder by name, with `send_from_directory`.

    Usual cause: `send_file` with a joined path instead of `send_from_directory`.
    """
    if passwd or fileuploads.binding.folder is None:
        target, secrets = "etc/passwd", [b"root:"]
        up, root = up * 8, root.replace("{root}", "/").replace("{quoted}", "%2f")
    else:
        target = f"secret.{fileuploads.extension()}"
        around = fileuploads.plant(target)
        secrets = [content for content in around.values() if content is not None]
        place = str(fileuploads.root).lstrip("/")
        root = root.replace("{root}", f"/{place}")
        root = root.replace("{quoted}", quote(f"/{place}", safe=""))
    client = fileuploads.client()
    path = fileuploads.download_target(root + up + target)
    response = client.follow(client.get(path))
    expect(
        not any(secret in response.body for secret in secrets),
        f"404 for {path}",
        "the content of a file outside the upload folder",
    )
    expect(response.status < 500, f"404 for {path}", response)


@should("a-gentle-introduction")
@given(stem=stems, pick=picks)
def test_download_missing_404(fileuploads: Harness, stem: str, pick: int) -> None:
    """Downloading a name that was never stored gives 404.

    Source: RFC 9110, 15.5.5: 404 says that there is no such resource.

    Usual cause: `open()` in the view, or a redirect to a "not found" page with status 200.
    """
    name = quote(f"never-{stem}.{fileuploads.extension(pick)}")
    target = fileuploads.download_target(name)
    client = fileuploads.client()
    if fileuploads.need("upload").person is not None:
        # Who may upload may download: others may be sent to a login.
        extension = fileuploads.extension(pick)
        fileuploads.upload(client, fileuploads.name("mine", extension), b"mine")
    response = client.get(target)
    expect(response.status == 404, f"404 for {target}", response)


@harden("a-gentle-introduction", share=0.3)
@given(
    pick=picks,
    start=tags,
    drawn=bodies(max_size=40),
    kind=st.sampled_from([None, "text/html", "image/svg+xml", "text/javascript"]),
)
@example(pick=0, start=b"<!doctype html><script>alert(1)</script>", drawn=b"", kind="text/html")
def test_not_active_content(
    fileuploads: Harness, pick: int, start: bytes, drawn: bytes, kind: str | None
) -> None:
    """No download can run in the browser as a page or a script, whatever type is declared.

    An extension says nothing about the content. A browser that is allowed to guess the type
    renders anything that looks like HTML, with the rights of the site.

    Source: HTML that users upload leads to cross-site scripting; the chapter only refuses the
    extension.

    Usual cause: no `X-Content-Type-Options: nosniff`, active types served inline rather than as
    attachments, or files served with the type that their upload declared.
    """
    fileuploads.need("download")
    client, extension = fileuploads.client(), fileuploads.extension(pick)
    content = fileuploads.content(extension, b"") or start
    done = fileuploads.upload(client, f"page.{extension}", content + drawn, kind=kind)
    if done.url is None:
        expect(
            done.response.status < 500, f"page.{extension} to be stored or refused", done.response
        )
        return
    response = client.follow(client.get(done.url))
    danger = inert(response)
    expect(
        danger is None,
        f"{done.url} to be an attachment, or an inert type with nosniff",
        danger,
    )


@harden("a-gentle-introduction")
@given(host=foreign_hosts, what=st.sampled_from(["a file", "no file", "another kind of file"]))
def test_redirect_same_origin(fileuploads: Harness, host: str, what: str) -> None:
    """A forged Host header does not determine where a redirect after an upload leads.

    A cache or an email with that redirect sends people to the attacker's site.

    Source: goes beyond the chapter, whose `redirect(request.url)` follows the Host header.

    Usual cause: `redirect(request.url)`; neither `url_for` nor `request.path` contains a host.
    """
    client, extension = fileuploads.client(host=host), fileuploads.extension()
    name = {"a file": f"a.{extension}", "no file": ""}.get(what, "a.html")
    response = client.send(fileuploads.request(client, name, fileuploads.fresh(extension)))
    netloc = urlsplit(response.location or "").netloc
    expect(
        "evil.example" not in netloc,
        f"a Location without the forged host after {what}",
        f"Location: {response.location}",
    )


@harden("", share=0.5)
@given(drawn=bodies(), missing=st.integers(4, 2000), announced=st.booleans())
@example(drawn=b"x" * 500, missing=4, announced=False)
@example(drawn=b"x" * 500, missing=300, announced=False)
@example(drawn=b"x" * 500, missing=300, announced=True)
def test_truncated_rejected(
    fileuploads: Harness, drawn: bytes, missing: int, announced: bool
) -> None:
    """A truncated body is not an upload: nothing is stored.

    Otherwise a client whose connection breaks leaves half a file that looks complete.

    Source: RFC 9112, 8: a message that ends too early is incomplete.

    Usual cause: the view parses the body itself and does not check for its end.
    """
    client, extension = fileuploads.client(), fileuploads.extension()
    content = fileuploads.fresh(extension, drawn)
    whole = fileuploads.request(client, fileuploads.name("cut", extension), content)
    body = whole.payload[: -min(missing, len(whole.payload) - 1)]
    length = len(whole.payload) if announced else None
    cut = dataclasses.replace(whole, body=body, content_length=length)
    with unread():
        done = fileuploads.deliver(client, cut)
    what = (
        f"the first {len(body)} of the {len(whole.payload)} bytes of a multipart body, "
        f"with Content-Length: {length or len(body)}"
    )
    cause = "" if announced else "a multipart body is accepted without its closing boundary"
    expect(not done.accepted, f"nothing to be stored for {what}", done, cause=cause)
    expect(
        done.response.status < 500 or fileuploads.cut_off(done.response),
        f"no server error for {what}",
        done.response,
    )


@must("", share=0.1)
def test_browser(fileuploads: Harness) -> None:
    """A file chosen on the page in a browser and submitted with its form is stored.

    Source: the form tag has `enctype=multipart/form-data` and contains a file input.

    Usual cause: the form lacks enctype=multipart/form-data, so that only the name is sent, or
    method=post; or the file input has no name.
    """
    page = fileuploads.need("page").path
    extension = fileuploads.extension()
    name = fileuploads.name("from a browser", extension)
    with fileuploads.tab() as tab:
        tab.open(page)
        done, cause = fileuploads.submit(tab, name, fileuploads.fresh(extension))
    expect(done.accepted, f"{name!r}, chosen at {page}, to be stored", done, cause=cause)


@should("upload-progress-bars", share=0.1)
def test_progress(fileuploads: Harness) -> None:
    """The page's progress bar moves in a browser before the server has responded.

    Only the browser knows how much it has sent; asking the server is slow, and wrong if a proxy
    buffers the body.

    Source: progress bars are driven by the browser's events, as in the recommended JavaScript
    libraries.

    Usual cause: `progress` events of the request, which report the response, instead of those
    of its `upload`; or the bar is never updated.
    """
    page, bar = fileuploads.need("page").path, fileuploads.need("progress")
    extension = fileuploads.extension()
    content = fileuploads.fresh(extension, bytes(10_000))
    with fileuploads.held() as app, fileuploads.tab(app) as tab:
        moves = fileuploads.watch_bar(tab, page, fileuploads.name("progress", extension), content)
        expect(
            moves.moved,
            f"{bar} at {page} to be above zero while the response to the upload is pending",
            moves.seen,
            cause=moves.cause,
        )
