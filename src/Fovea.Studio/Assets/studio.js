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

    // What belongs together lights up together.
    const light = (target, isOn) => {
        const link = target.closest?.("[data-link]")?.dataset.link;
        if (!link) return;
        for (const other of target.closest("[data-links]")?.querySelectorAll(`[data-link="${CSS.escape(link)}"]`) ?? [])
            other.toggleAttribute("data-lit", isOn);
    };
    document.addEventListener("pointerover", event => light(event.target, true));
    document.addEventListener("pointerout", event => light(event.target, false));

    // A finger that draws does not scroll, and a pen that is pressed on one square reaches the others.
    document.addEventListener("pointerdown", event => {
        if (event.target.closest?.("[data-draw]")) event.target.releasePointerCapture?.(event.pointerId);
    });

    // On a narrow screen the names of the pages are scrolled: that of this page is to be seen.
    const showPage = () => document.querySelector(".bar nav .active")?.scrollIntoView({ block: "nearest", inline: "center" });
    addEventListener("resize", showPage);

    // A hand on a drawing moves its slider.
    const scrub = (drawing, event) => {
        const slider = document.querySelector(drawing.dataset.scrub), box = drawing.getBoundingClientRect();
        const at = (event.clientX - box.left) / box.width * drawing.viewBox.baseVal.width;
        const share = (at - drawing.dataset.left) / (drawing.dataset.right - drawing.dataset.left);
        slider.value = Number(slider.min) + Math.min(1, Math.max(0, share)) * (slider.max - slider.min);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    };
    let scrubbed = null;
    document.addEventListener("pointerdown", event => {
        scrubbed = event.target.closest?.("[data-scrub]");
        if (scrubbed) scrub(scrubbed, event);
    });
    document.addEventListener("pointermove", event => { if (scrubbed) scrub(scrubbed, event); });
    document.addEventListener("pointerup", () => { scrubbed = null; });

    window.fovea = {
        // The page answers from now on.
        ready: () => {
            showPage();
            document.documentElement.dataset.ready = "";
        },
        // Tells a component which part of it is seen, once for each frame in which that changed.
        watchScroll: (element, component) => {
            let isWaiting = false;
            const tell = () => {
                isWaiting = false;
                if (element.isConnected)
                    component.invokeMethodAsync("Scrolled", element.scrollTop, element.scrollLeft, element.clientHeight, element.clientWidth);
            };
            const later = () => {
                if (!isWaiting) requestAnimationFrame(tell);
                isWaiting = true;
            };
            element.addEventListener("scroll", later, { passive: true });
            later();
        },
        // What the page shows, in the address; there is nothing to go back to.
        show: address => Blazor.navigateTo(address, { replaceHistoryEntry: true }),
        // Without a text, the address of the page.
        copy: text => navigator.clipboard.writeText(text ?? location.href),
    };
}
