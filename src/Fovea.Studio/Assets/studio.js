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

    // What belongs together lights up together: what is pointed at, or else what the keys have reached. A number of a result goes with the pixels in
    // the rows and columns of its window, a pixel with the numbers whose windows reach it.
    let pointed = null, reached = null;
    const has = (list, name) => list?.split(" ").includes(name);
    const isWith = (one, other) => {
        if (one.pixel !== undefined && other.pixel !== undefined) return one.pixel === other.pixel;
        if (one.pixel === undefined && other.pixel === undefined) return one.rows === other.rows && one.columns === other.columns;
        const [pixel, number] = one.pixel !== undefined ? [one, other] : [other, one], [row, column] = pixel.pixel.split(" ");
        return has(number.rows, row) && has(number.columns, column);
    };
    const Linked = "[data-pixel], [data-rows]";
    const light = () => {
        const target = pointed?.isConnected ? pointed : reached?.isConnected ? reached : null;
        for (const cell of document.querySelectorAll(`[data-links] :is(${Linked})`))
            cell.toggleAttribute("data-lit", target !== null && isWith(target.dataset, cell.dataset));
    };
    const linked = target => target.closest?.("[data-links]") ? target.closest(Linked) : null;
    const point = cell => {
        if (pointed === cell) return;
        pointed = cell;
        light();
    };
    document.addEventListener("pointerover", event => point(linked(event.target)));
    document.addEventListener("pointerout", event => { if (!event.relatedTarget) point(null); });
    document.addEventListener("focusin", event => {
        reached = event.target.matches(":focus-visible") ? linked(event.target) : null;
        light();
    });
    document.addEventListener("focusout", () => { reached = null; light(); });
    // A step may bring other pixels under what is pointed at.
    new MutationObserver(() => { if (pointed || reached) light(); })
        .observe(document, { subtree: true, childList: true, attributeFilter: ["data-pixel", "data-rows"] });

    // In a grid of cells the arrow keys lead on, and Enter or the space bar is a press. Nothing scrolls but to show the cell.
    document.addEventListener("keydown", event => {
        const cell = event.target.closest?.("[data-grid] [data-cell]"), grid = cell?.closest("[data-grid]");
        if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
        const columns = Number(grid.dataset.grid), at = Number(cell.dataset.cell), first = at - at % columns;
        const to = { ArrowLeft: Math.max(first, at - 1), ArrowRight: Math.min(first + columns - 1, at + 1), ArrowUp: at - columns, ArrowDown: at + columns,
            Home: first, End: first + columns - 1, Enter: at, " ": at }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = grid.querySelector(`[data-cell="${to}"]`);
        if (to === at) {
            if (event.key === "Enter" || event.key === " ") cell.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        } else if (next) {
            for (const other of grid.querySelectorAll("[data-cell][tabindex='0']")) other.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
        }
    });

    // A page goes on with the usual number where a field holds one that it does not take: the field says so.
    const judge = field => {
        const { badInput, rangeOverflow, rangeUnderflow, stepMismatch } = field.validity, isWhole = field.step === "", label = field.closest("label");
        const isWrong = badInput || rangeOverflow || rangeUnderflow || (isWhole && stepMismatch);
        const range = field.max === "" ? "" : ` from ${number(field.min)} to ${number(field.max)}`;
        field.setAttribute("aria-invalid", isWrong);
        if (isWrong) label?.setAttribute("data-expected", `Not taken: expected a ${isWhole ? "whole " : ""}number${range}.`);
        else label?.removeAttribute("data-expected");
    };
    const judgeAll = () => document.querySelectorAll("input[type=number]").forEach(judge);
    const number = text => Number(text).toLocaleString("en-US", { maximumSignificantDigits: 12 });
    document.addEventListener("input", event => { if (event.target.matches("input[type=number]")) judge(event.target); });

    // Keys that choose something do not scroll as well.
    document.addEventListener("keydown", event => {
        if (event.target.dataset?.keys?.split(" ").includes(event.key)) event.preventDefault();
    });

    // A finger that draws does not scroll, and a pen that is pressed on one square reaches the others.
    document.addEventListener("pointerdown", event => {
        if (event.target.closest?.("[data-draw]") && event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
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
            judgeAll();
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
            // At once, and when it grows with the window or with what is in it.
            new ResizeObserver(later).observe(element);
        },
        // Scrolls so far that a row is seen.
        reveal: (element, top, height) => {
            if (top < element.scrollTop) element.scrollTop = top;
            else if (top + height > element.scrollTop + element.clientHeight) element.scrollTop = top + height - element.clientHeight;
        },
        // What the page shows, in the address; there is nothing to go back to.
        show: address => {
            Blazor.navigateTo(address, { replaceHistoryEntry: true });
            judgeAll();
        },
        // Puts a text on the clipboard, or without one the address of the page, and tells whether it is there. A page that came from another machine
        // without encryption has no clipboard of its own: there it is done as if the text had been selected and copied by hand.
        copy: async text => {
            const words = text ?? location.href;
            try {
                await navigator.clipboard.writeText(words);
                return true;
            } catch {
                const held = document.activeElement, area = document.createElement("textarea");
                area.value = words;
                area.className = "visually-hidden";
                document.body.append(area);
                area.select();
                const isCopied = document.execCommand("copy");
                area.remove();
                held?.focus();
                return isCopied;
            }
        },
        // Selects a text that may be folded away, to be copied by hand.
        select: element => {
            element.closest("details").open = true;
            getSelection().selectAllChildren(element);
        },
    };
}
