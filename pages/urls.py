"""Addresses of the dashboard's pages about pages, guides and menus, under /dashboard/."""

from django.urls import path, register_converter

from pages.views import blocks, edit, history, menus, posts


class SectionConverter:
    regex = "guides|pages"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SectionConverter, "section")

app_name = "pages"
urlpatterns = [
    path("<section:section>/", posts.post_list, name="post-list"),
    path("<section:section>/bulk/", posts.post_bulk, name="post-bulk"),
    path("<section:section>/take-back/", posts.post_take_back, name="post-take-back"),
    path("<section:section>/add/", edit.post_create, name="post-create"),
    path("<section:section>/<int:pk>/", edit.post_edit, name="post-edit"),
    path("<section:section>/<int:pk>/preview/", edit.post_preview, name="post-preview"),
    path("<section:section>/<int:pk>/share/", edit.post_share, name="post-share"),
    path("<section:section>/<int:pk>/history/", history.post_history, name="post-history"),
    path("<section:section>/<int:pk>/history/<int:revision>/", history.post_restore, name="post-restore"),
    path("text-blocks/", blocks.block_search, name="block-search"),
    path("menus/", menus.menu_list, name="menu-list"),
    path("menus/<int:pk>/", menus.menu_edit, name="menu-edit"),
    path("menus/<int:pk>/move/", menus.menu_move, name="menu-move"),
    path("menus/<int:pk>/delete/", menus.menu_delete, name="menu-delete"),
]
