"""The content of answers: its length, and other content for an answer that exists."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tokenwheel.middleware import GetResponse

OF_THE_CONTENT = (
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
)
WITHOUT_CONTENT = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def set_content_length(get_response: GetResponse) -> GetResponse:
    """Middleware, outside of all that answers requests. Without a length the server would end the
    connection after the answer. Django's CommonMiddleware sets that of answers of views only."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponse) and response.status_code not in WITHOUT_CONTENT:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return middleware


def with_content(
    response: HttpResponseBase, status: int, content: str = "", content_type: str = ""
) -> HttpResponse:
    """Another answer with all headers and cookies except those of the content. Inner middleware has
    set them: for security, and for pages of other origins."""
    kept = {name: text for name, text in response.items() if name.title() not in OF_THE_CONTENT}
    answer = HttpResponse(content, status=status, headers=kept)
    answer.cookies = response.cookies
    del answer["Content-Type"]
    if content_type:
        answer["Content-Type"] = content_type
    return answer
