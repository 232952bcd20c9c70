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

#: Stems that sanitising empties or changes, and what else people name their files.
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

#: How far a body is from the limit.
distances = st.one_of(st.integers(1, 300), st.integers(1, 20_000))


def refused(done: Uploaded, what: str) -> None:
    """Say that an upload is to be answered properly, and nothing stored."""
    expect(done.response.status < 500, f"no server error for {what}", done.response)
    expect(not done.accepted, f"nothing stored of {what}", done)


@must("a-gentle-introduction")
@given(pick=picks, stem=stems, drawn=bodies())
@example(pick=0, stem="empty", drawn=b"")
@example(pick=0, stem="文件", drawn=b"")
@example(pick=0, stem="lines", drawn=b"\r\n--\r\nContent-Disposition: form-data\r\n\r\n--")
def test_roundtrip(fileuploads: Harness, pick: int, stem: str, drawn: bytes) -> None:
    """An allowed file is stored, the answer leads to its URL, and the URL gives the same bytes.

    Source: the view stores the file and redirects to the URL where it is served.

    Usual cause: the form field has another name in the view, the file was read
    before it was saved, or it is opened as text.
    """
    client, extension = fileuploads.client(), fileuploads.extension(pick)
    name, content = fileuploads.name(stem, extension), fileuploads.content(extension, drawn)
    done = fileuploads.upload(client, name, content)
    if not done.accepted and not name.isascii():
        # An app may refuse such names, but not as files of a kind that is not allowed.
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
            f"{name} stored, as .{extension} is allowed",
            f"it is refused as a file of another kind is: {done.response}",
            cause="the extension is taken from what `secure_filename` leaves of the name.",
        )
        return
    expect(
        done.accepted,
        f"{name} stored, and an answer that leads to where it is served",
        done.response,
    )
    back = fileuploads.read(client, done.place)
    expect(
        back is not None and hashlib.sha256(back).digest() == hashlib.sha256(content).digest(),
        f"the {len(content)} bytes that were uploaded, at {done.place}",
        "no file there" if back is None else f"{len(back)} bytes: {back[:40]!r}",
    )


@must("a-gentle-introduction")
@given(
    way=st.sampled_from(["other field", "text field", "no fields", "urlencoded", "JSON", "nothing"])
)
def test_missing_part(fileuploads: Harness, way: str) -> None:
    """A request without the file part is answered with a message, and nothing is stored.

    A script, or a form that someone changed, sends such requests.

    Source: the view asks first whether the request has the file part.

    Usual cause: `request.files.get(...)` gives None, and the view goes on with it.
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
    """A file part with an empty name is answered with a message, and nothing is stored.

    Browsers send this when the form is submitted with no file selected.

    Source: a form without a selected file sends an empty file without a name.

    Usual cause: the view only asks whether the part is there.
    """
    done = fileuploads.upload(fileuploads.client(), "", drawn)
    refused(done, "a file with an empty name")


@must("a-gentle-introduction")
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
    """A file whose extension is not an allowed one, or that has none, is not stored.

    HTML that is served from the site runs as the site, in its visitors' names. The media
    type that comes with a file is what its sender says.

    Source: only files with an allowed extension are accepted, so that nobody uploads HTML.

    Usual cause: a list of what is forbidden rather than of what is allowed; a
    test of any extension in the name rather than of the last one; `endswith`
    without the dot; or the file is saved before its name is looked at.
    """
    if "." in form and fileuploads.allows(extension):
        return
    allowed = fileuploads.extension()
    name = form.format(stem=stem, extension=extension, allowed=allowed)
    client = fileuploads.client()
    content = fileuploads.fresh("", b"<script>alert(1)</script>")
    kind = mimetypes.guess_type(f"_.{allowed}")[0] if lies else None
    done = fileuploads.upload(client, name, content, kind=kind)
    refused(done, f"{name!r}" + (f", declared as {kind}" if kind else ""))
    if fileuploads.binding.download is not None:
        target = fileuploads.download_target(quote(name, safe=""))
        expect(
            fileuploads.read(client, target) != content,
            f"nothing stored of {name!r}",
            f"the answer refused it, and it is at {target}",
        )


@should("a-gentle-introduction", share=0.4)
@given(pick=picks, flips=st.lists(st.booleans(), min_size=8, max_size=8))
@example(pick=0, flips=[True] * 8)
def test_extension_case(fileuploads: Harness, pick: int, flips: list[bool]) -> None:
    """An allowed extension is allowed in any letter case.

    Cameras and old systems write IMG_0001.JPG.

    Source: the chapter's `allowed_file` compares the extension in lower case.

    Usual cause: the extension is compared before `.lower()`.
    """
    allowed = fileuploads.extension(pick)
    extension = (
        "".join(char.upper() if flip else char for char, flip in zip(allowed, flips, strict=False))
        + allowed[len(flips) :]
    )
    name, content = fileuploads.name("IMG", extension), fileuploads.fresh(allowed)
    done = fileuploads.upload(fileuploads.client(), name, content)
    expect(done.accepted, f"{name} stored, as .{allowed} is allowed", done)


@must("a-gentle-introduction")
@given(root=roots, up=ups, known=st.booleans(), tail=st.sampled_from(["", "\0.html"]))
@example(root="", up="../", known=True, tail="")
@example(root="", up=f"../{SIBLING}/", known=True, tail="")
@example(root="", up="../../../", known=False, tail="")
@example(root="", up="....//", known=True, tail="")
@example(root="{root}/", up="", known=True, tail="")
def test_stays_in_folder(fileuploads: Harness, root: str, up: str, known: bool, tail: str) -> None:
    """No file name makes an upload create or change anything outside the upload folder.

    The name is sent by the client, and `os.path.join` follows it anywhere.

    Source: always use `secure_filename` before a name is used on the file system: never trust
    user input.

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
        f"nothing outside the upload folder touched by {name!r}",
        f"written outside it: {', '.join(touched)}",
    )


@harden("a-gentle-introduction")
@given(pick=picks, stem=unusual_stems)
@example(pick=0, stem="文件")
@example(pick=0, stem="")
# Wherever a name is cut, one of these ends there in an extension.
@example(pick=0, stem=".html" * 40)
@example(pick=0, stem="1" + ".html" * 40)
@example(pick=0, stem="12" + ".html" * 40)
@example(pick=0, stem="123" + ".html" * 40)
@example(pick=0, stem="1234" + ".html" * 40)
def test_stored_name_allowed(fileuploads: Harness, pick: int, stem: str) -> None:
    """What is stored of a file with an unusual name keeps its extension, has a stem, is not hidden.

    Without the extension the file is served with the wrong type, and all such
    files fall on one name.

    Source: goes beyond the chapter, which lets `secure_filename` decide the name.

    Usual cause: the name is checked first and sanitised then: `secure_filename`
    makes "png" of "文件.png". Check what is stored, or make a name of your own.
    """
    extension = fileuploads.extension(pick)
    name = f"{stem}.{extension}"
    client = fileuploads.client()
    done = fileuploads.upload(client, name, fileuploads.fresh(extension))
    if not done.accepted:
        expect(done.response.status < 500, f"{name!r} stored or refused", done.response)
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

    # An app may write more than the file, such as what it knows of it.
    expect(
        any(map(kept, saved)),
        f"{name!r} under a name with a stem and an allowed extension",
        f"it is {', '.join(map(repr, saved))}" + (f", served as {kind}" if kind else ""),
    )


@harden("a-gentle-introduction")
@given(pick=picks, stem=st.one_of(unusual_stems, st.text(max_size=600)))
@example(pick=0, stem="x" * 300)
@example(pick=0, stem="文" * 100)
@example(pick=0, stem="..")
@example(pick=0, stem="a\0b")
@example(pick=0, stem="con")
def test_no_5xx_on_name(fileuploads: Harness, pick: int, stem: str) -> None:
    """No file name makes the upload, or the download after it, end in a server error.

    Source: goes beyond the chapter; RFC 9110, 15.6: a 5xx says that the server erred.

    Usual cause: a name longer than the file system allows, or one of which
    sanitising leaves nothing, so that the folder itself is opened for writing.
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
    """Uploads under names that are alike, against a dict of what must be where."""

    harness: Harness
    #: `{run}` keeps the runs of a clause apart, `{e}` is the extension.
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
        """Upload new contents under a name that may be taken."""
        extension = self.harness.extension()
        name = name.format(run=self.run, e=extension, E=extension.upper())
        content = self.harness.fresh(extension, drawn)
        done = self.harness.upload(self.client, name, content)
        if not done.accepted:
            expect(done.response.status < 500, f"{name!r} stored or refused", done.response)
            return
        earlier = self.model.get(done.place, ("", b""))[0]
        expect(
            not earlier,
            f"a place of its own for {name!r}",
            f"{done.place}, where the upload of {earlier!r} was",
        )
        self.model[done.place] = name, content

    @precondition(lambda self: self.model)
    @rule()
    def download(self) -> None:
        """Every upload is where it was, as it was."""
        for place, (name, content) in self.model.items():
            expect(
                self.harness.read(self.client, place) == content,
                f"the bytes of {name!r} at {place}",
                "others, after other uploads",
            )


@harden("a-gentle-introduction", share=0.5)
def test_no_overwrite(fileuploads: Harness) -> None:
    """Uploads never destroy one another: each stays at its URL, whatever the others' names are.

    Anyone who may upload could otherwise replace anyone's file.

    Source: goes beyond the chapter, whose view overwrites.

    Usual cause: the client's name is the stored name, and `save` overwrites;
    sanitising makes one name of "a b.txt", "a_b.txt" and "../a b.txt"; names are counted from
    one with each start.
    """
    explore(lambda: Store(fileuploads), steps=8)
    if fileuploads.binding.folder is not None and fileuploads.restarts:
        # What the machine stored stays where it is.
        fileuploads.renew()
        _keeps_what_is_there(fileuploads)


def _keeps_what_is_there(fileuploads: Harness) -> None:
    """A second app on the same folder, as after a restart, overwrites nothing in it."""
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
                f"the files in the folder to stay as they are when {name!r} is uploaded",
                f"{', '.join(map(os.path.basename, lost))} has other bytes",
                cause="a name that another process has given is given again." if start else "",
            )
            # An app may keep an index beside the files, which does change.
            kept |= {p: content for p in done.written if Path(p).read_bytes() == content}
        fileuploads.restart()


@harden("a-gentle-introduction")
def test_no_overwrite_together(fileuploads: Harness) -> None:
    """Of uploads under one name at one moment, each that is accepted keeps its bytes.

    Source: goes beyond the chapter, whose view overwrites.

    Usual cause: the view looks whether the name is free, and another request
    takes it before the file is saved.
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
            expect(one.response.status < 500, f"{name} stored or refused", one.response)
            if one.url is not None:
                expect(
                    fileuploads.read(fileuploads.client(), one.url) == content,
                    f"the bytes at {one.url} whose upload was answered with that URL",
                    f"others: {len(contents)} uploads of {name} came at one moment",
                )


@must("improving-uploads", share=0.3)
@given(over=st.booleans(), far=distances)
@example(over=False, far=0)
@example(over=False, far=1)
@example(over=True, far=1)
def test_size_limit_413(fileuploads: Harness, over: bool, far: int) -> None:
    """A body over the limit is answered with 413 and nothing is stored; one within it is accepted.

    Source: a request with a larger body than MAX_CONTENT_LENGTH is refused with 413; one that
    is just as long is not larger.

    Usual cause: a handler of all exceptions that makes an error page of 500, or a
    redirect, of the 413; or a limit that is checked after the file was saved.
    """
    if far == 0 and fileuploads.bench.transport.name != "wsgi":
        # Where a server ends the input by itself, Werkzeug takes a body of just the limit's
        # length for one that goes on.
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
    """A body with chunked transfer, whose length nothing announces, has the same limit.

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
    # Over it by the file alone: whether the body or the file is limited is the app's choice.
    length = limit + 1 + far if over else max(limit - far - frame, len(start))
    if not over and frame + length > limit:
        raise Untested(f"the limit of {limit} bytes leaves no room for a file")
    with unread():
        if fileuploads.too_long(length):
            if chunked:
                raise Untested(f"the limit of {limit} bytes is more than the kit sends")
            # One within the limit would have to be made.
            length = limit + 1 + far
            done = fileuploads.announce(client, name, start, frame + length)
            over = True
        else:
            content = start + b"x" * (length - len(start))
            done = fileuploads.upload(client, name, content, chunked=chunked)
    statuses = (411, 413) if chunked else (413,)
    what = f"a body of {frame + length} bytes, where {limit} are the limit"
    if over:
        expect(not done.accepted, f"nothing stored of {what}", done)
        expect(
            done.response.status in statuses or fileuploads.cut_off(done.response),
            f"413 for {what}",
            done.response,
        )
    elif not (chunked and done.response.status == 411):
        expect(done.accepted, f"{what}, accepted", done)


@harden("improving-uploads")
def test_413_friendly(fileuploads: Harness) -> None:
    """There is a limit, and whoever exceeds it is told in the app's own words.

    Without a limit one request can fill the disk.

    Source: the chapter shows how to set a limit; an answer of its own goes beyond it.

    Usual cause: MAX_CONTENT_LENGTH is not set, or there is no error handler for 413.
    """
    if fileuploads.binding.limit is None:
        expect(
            fileuploads.configured_limit() is not None,
            "a limit: MAX_CONTENT_LENGTH in the configuration, or limit in the binding",
            "none is set",
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
        raise Untested("the server closed the connection before its answer arrived")
    expect(
        response.status != 413
        or "json" in response.mimetype
        or (response.body.strip() and b"exceeds the capacity limit" not in response.body),
        "an error page of the app's own with the 413",
        response,
    )


@must("a-gentle-introduction")
@given(root=encoded_roots, up=encoded_ups, passwd=st.booleans())
@example(root="", up="../", passwd=False)
@example(root="", up=f"../{SIBLING}/", passwd=False)
@example(root="", up=f"..%2f{SIBLING}%2f", passwd=False)
@example(root="", up="..%2f", passwd=False)
@example(root="", up="%2e%2e%2f", passwd=False)
@example(root="{quoted}%2f", up="", passwd=False)
@example(root="", up="%00", passwd=False)
def test_download_confined(fileuploads: Harness, root: str, up: str, passwd: bool) -> None:
    """The download gives nothing from outside the upload folder, however the path is encoded.

    Source: files are served from the upload folder by name, with `send_from_directory`.

    Usual cause: `send_file` with a joined path in place of `send_from_directory`.
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
        "the contents of a file outside the upload folder",
    )
    expect(response.status < 500, f"404 for {path}", response)


@should("a-gentle-introduction")
@given(stem=stems, pick=picks)
def test_download_missing_404(fileuploads: Harness, stem: str, pick: int) -> None:
    """The download of a name that was never stored is answered with 404.

    Source: RFC 9110, 15.5.5: 404 says that there is no such resource.

    Usual cause: `open()` in the view, or a redirect to a page that says so with 200.
    """
    name = quote(f"never-{stem}.{fileuploads.extension(pick)}")
    target = fileuploads.download_target(name)
    response = fileuploads.client().get(target)
    expect(response.status == 404, f"404 for {target}", response)


@harden("a-gentle-introduction")
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
    """No download runs in the browser as a page or a script, whatever it is declared to be.

    An extension says nothing of the bytes. A browser that may guess the type
    renders what looks like HTML, in the name of the site.

    Source: HTML that users upload leads to cross-site scripting; the chapter refuses the
    extension alone.

    Usual cause: no `X-Content-Type-Options: nosniff`, active types served inline rather than
    as attachments, or files served as the type that came with their upload.
    """
    fileuploads.need("download")
    client, extension = fileuploads.client(), fileuploads.extension(pick)
    content = fileuploads.content(extension, b"") or start
    done = fileuploads.upload(client, f"page.{extension}", content + drawn, kind=kind)
    if done.url is None:
        expect(done.response.status < 500, f"page.{extension} stored or refused", done.response)
        return
    response = client.follow(client.get(done.url))
    danger = inert(response)
    expect(
        danger is None,
        f"{done.url} as an attachment, or as an inert type with nosniff",
        danger,
    )


@harden("a-gentle-introduction")
@given(host=foreign_hosts, what=st.sampled_from(["a file", "no file", "another kind of file"]))
def test_redirect_same_origin(fileuploads: Harness, host: str, what: str) -> None:
    """A redirect after an upload does not lead to the host that a forged Host header names.

    A cache or a mail with that redirect sends people to the forger's site.

    Source: goes beyond the chapter, whose `redirect(request.url)` follows the Host header.

    Usual cause: `redirect(request.url)`; `url_for`, or `request.path`, has no host in it.
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
    """A body that ends too early is no upload: nothing of it is stored.

    Whoever loses the connection half way would otherwise find half a file that
    looks whole.

    Source: RFC 9112, 8: a message that ends too early is incomplete.

    Usual cause: the view takes the body apart itself and never looks for its end.
    """
    client, extension = fileuploads.client(), fileuploads.extension()
    content = fileuploads.fresh(extension, drawn)
    whole = fileuploads.request(client, fileuploads.name("cut", extension), content)
    body = whole.payload[: -min(missing, len(whole.payload) - 1)]
    length = len(whole.payload) if announced else None
    cut = dataclasses.replace(whole, body=body, content_length=length)
    with unread():
        done = fileuploads.deliver(client, cut)
    what = f"the first {len(body)} of {len(whole.payload)} bytes"
    expect(not done.accepted, f"nothing stored of {what}", done)
    expect(
        done.response.status < 500 or fileuploads.cut_off(done.response),
        f"no server error for {what}",
        done.response,
    )


@must("", share=0.1)
def test_browser(fileuploads: Harness) -> None:
    """In a browser, a file that is chosen on the page and submitted with its form is stored.

    Source: a form tag is marked with `enctype=multipart/form-data` and has a file input.

    Usual cause: the form has no enctype=multipart/form-data, so that only the
    name is sent; no method=post; or a file input without a name.
    """
    page = fileuploads.need("page").path
    extension = fileuploads.extension()
    name = fileuploads.name("from a browser", extension)
    with fileuploads.tab() as tab:
        tab.open(page)
        done = fileuploads.submit(tab, name, fileuploads.fresh(extension))
    expect(done.accepted, f"{name!r}, chosen at {page}, stored", done)


@should("upload-progress-bars", share=0.1)
def test_progress(fileuploads: Harness) -> None:
    """In a browser, the page's progress bar moves before the server has answered.

    Only the browser knows how much it has sent; asking the server for it is
    slow, and wrong where a proxy keeps the body until it is whole.

    Source: progress bars are made with events of the browser, as the recommended JavaScript
    libraries do.

    Usual cause: `progress` events of the request, which tell of the answer, in
    place of those of its `upload`; or the bar is never set at all.
    """
    page, bar = fileuploads.need("page").path, fileuploads.need("progress")
    extension = fileuploads.extension()
    content = fileuploads.fresh(extension, bytes(10_000))
    with fileuploads.held() as app, fileuploads.tab(app) as tab:
        expect(
            fileuploads.moves_bar(tab, page, fileuploads.name("progress", extension), content),
            f"{bar} at {page} above zero while the answer to the upload is outstanding",
            "it did not move",
        )
