"""The sandbox page's server: both companies' chats at 127.0.0.1, every act a signed request of a platform."""

from sandbox.web.backstage import AuditLine, Backstage, Company, Due
from sandbox.web.server import CannotServe, reserved, serving
from sandbox.web.session import Session

__all__ = ["AuditLine", "Backstage", "CannotServe", "Company", "Due", "Session", "reserved", "serving"]
