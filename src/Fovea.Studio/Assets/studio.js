// What only a browser can do for every page.
{
    const isDark = () => (document.documentElement.dataset.theme
        ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

    document.addEventListener("click", event => {
        if (!event.target.closest?.("#theme")) return;
        const theme = isDark() ? "light" : "dark";
        document.documentElement.dataset.theme = theme;
        localStorage.setItem("theme", theme);
    });

    // Before Blazor, which would follow the link, but not move the focus.
    document.addEventListener("click", event => {
        if (!event.target.matches?.(".skip")) return;
        event.preventDefault();
        event.stopPropagation();
        document.getElementById("main").focus();
    }, true);

    window.fovea = {
        // The page answers from now on.
        ready: () => { document.documentElement.dataset.ready = ""; },
        // Without a text, the address of the page.
        copy: text => navigator.clipboard.writeText(text ?? location.href),
    };
}
