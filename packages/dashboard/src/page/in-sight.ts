import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Whether an element is in sight: a page has many charts, of which a screen shows a few. All are when the page is printed.
 * @returns its reference, whether it is, and how to take it for one that is
 */
export function useInSight(): [element: RefObject<HTMLDivElement | null>, isInSight: boolean, show: () => void] {
  const element = useRef<HTMLDivElement>(null);
  const [isInSight, setInSight] = useState(false);
  const show = () => setInSight(true);
  useEffect(() => {
    const sight = new IntersectionObserver((entries) => setInSight(entries.at(-1)!.isIntersecting));
    sight.observe(element.current!);
    addEventListener('beforeprint', show);
    return () => {
      sight.disconnect();
      removeEventListener('beforeprint', show);
    };
  }, []);
  return [element, isInSight, show];
}
